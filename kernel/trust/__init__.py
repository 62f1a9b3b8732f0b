"""Who acts, what they may do and see, and the trail they leave."""
