"""The server's database: its tables and its queries."""
