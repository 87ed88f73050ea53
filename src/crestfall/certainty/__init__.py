"""What is proven about given phases and about all phases: certified peaks, lower bounds, global optima."""
