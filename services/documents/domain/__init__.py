"""What is decided about controlled documents; pure: no clock, no database, no bus."""
