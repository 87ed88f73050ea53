"""The parts of the doctor: what is examined, how it is put back, and one module for each group of checks."""
