"""What documents is asked, answers and publishes."""
