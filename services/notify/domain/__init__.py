"""What notify decides, without a clock, a database or a bus."""
