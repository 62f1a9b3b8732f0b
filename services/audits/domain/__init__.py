"""What is decided about audits, nonconformities and reviews; pure: no clock, no database, no bus."""
