"""The messages of the open conversation: their model, their view, and the pages of the database."""
