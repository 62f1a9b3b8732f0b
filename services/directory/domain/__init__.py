"""What the directory decides, without a clock, a database or a bus."""
