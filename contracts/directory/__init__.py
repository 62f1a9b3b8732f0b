"""What the directory is asked, answers and publishes."""
