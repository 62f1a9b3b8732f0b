"""Nonconformities, audits and reviews in GraphQL."""
