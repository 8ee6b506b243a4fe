"""Benchmarks of the server under realistic load, and of the client; run by `python -m bench`."""
