"""The search over sequences of symbols: phases of a finite alphabet, binary 0/π, QPSK, any M-PSK."""
