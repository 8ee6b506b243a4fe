"""Tests of Messenger; the tree mirrors the package."""
