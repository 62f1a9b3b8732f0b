"""The organisation and its people in GraphQL."""
