"""The story: a procedure, the work under it, its audit and review, printed and checked line by line."""
