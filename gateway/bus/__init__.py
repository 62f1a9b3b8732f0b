"""How the gateway speaks to the services."""
