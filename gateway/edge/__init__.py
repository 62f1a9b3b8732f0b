"""What stands between a client and the schema: connections, limits, quotas, HTTP and WebSocket."""
