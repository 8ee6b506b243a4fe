"""Tests of the server, most of them over real sockets against the real program."""
