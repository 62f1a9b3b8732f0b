"""What is done with dossiers when a command asks for it."""
