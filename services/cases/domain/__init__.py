"""What is decided about dossiers; pure: no clock of its own, no database, no bus."""
