"""What lowers a peak: objectives, solvers, the minimax polish, searches over finite alphabets, phases by formula."""
