"""Dossiers in GraphQL."""
