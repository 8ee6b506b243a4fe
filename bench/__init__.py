"""Measures the server as its users load it; `python -m bench` prints the figures."""
