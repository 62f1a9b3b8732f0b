"""The database of a service: units of work, event log, inbox, jobs, files."""
