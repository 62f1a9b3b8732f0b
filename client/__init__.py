"""The typed client of the gateway: what the demonstration, operators and developers of portals use."""
