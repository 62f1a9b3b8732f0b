"""What the directory does: one function for each command."""
