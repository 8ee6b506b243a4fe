"""Tests of the passwords."""
