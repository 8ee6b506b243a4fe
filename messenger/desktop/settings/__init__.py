"""The settings of the desktop client, its sheet of keys, and what is said about the program."""
