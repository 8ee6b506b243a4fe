"""Tests of the administration window: the real window offscreen, a real server in its process."""
