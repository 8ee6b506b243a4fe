"""What every user interface says and asks, without a toolkit or a terminal."""
