"""What cases is asked, answers and publishes."""
