"""The answer: phases with their certified figures, in words and as samples."""
