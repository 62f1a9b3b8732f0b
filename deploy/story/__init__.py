"""The story: one procedure's way through the whole platform, told line by line and checked at each."""
