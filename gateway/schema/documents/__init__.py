"""Controlled documents in GraphQL."""
