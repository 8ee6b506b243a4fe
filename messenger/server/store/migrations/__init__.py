"""The versions of the schema, applied when the server starts."""
