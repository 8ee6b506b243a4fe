"""Tests of the administration on the command line."""
