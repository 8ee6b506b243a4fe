"""Tests against other implementations of the same formats."""
