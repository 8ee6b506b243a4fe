"""What administrators do to accounts and rooms, in the database and to those who are online."""
