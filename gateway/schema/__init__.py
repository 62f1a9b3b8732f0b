"""The types and questions of the schema, by service and subject."""
