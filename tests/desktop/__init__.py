"""Tests of the desktop client: real windows offscreen, a real server in another process."""
