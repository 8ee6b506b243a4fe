"""Figures of the running server: counted where it works, gathered each minute, and stored."""
