"""What is done on command, one function for each: load, ask the aggregate, answer."""
