"""The server's settings as an operator sees and changes them, in the TOML file."""
