"""A whole platform on one machine: private servers, the processes, their supervisor and a mail sink."""
