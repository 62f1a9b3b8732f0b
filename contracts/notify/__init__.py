"""What notify is asked, answers and publishes."""
