"""Notices and digests in GraphQL."""
