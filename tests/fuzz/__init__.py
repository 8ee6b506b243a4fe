"""Fuzzing of both sides: a server gets odd requests, clients get odd replies and odd messages."""
