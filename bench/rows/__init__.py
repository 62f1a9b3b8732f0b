"""The rows of the table, each measured by a module of its own."""
