"""What programs that watch the server ask it: its metrics, its health, and signs of life."""
