"""The country at its full size: who may see little waits no longer than who may see everything."""
