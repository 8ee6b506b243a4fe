"""The server's database: its tables, and its queries in the words of a messenger."""
