"""The story: a procedure, the work under it, its audit and review, told line by line and checked at each."""
