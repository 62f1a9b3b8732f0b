"""Calls and events over RabbitMQ, so that none is lost and none acts twice."""
