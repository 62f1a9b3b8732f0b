"""What audits is asked, answers and publishes."""
