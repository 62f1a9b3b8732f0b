"""How contracts become a schema, and a document an answer."""
