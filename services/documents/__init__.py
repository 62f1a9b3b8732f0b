"""What is in force: controlled documents and their revisions (TCVN ISO 9001:2015, 7.5)."""
