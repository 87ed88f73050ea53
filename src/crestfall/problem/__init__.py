"""What is asked: tones, the times that count, what must be small, what may be chosen. Nothing here solves anything."""
