"""Administration on the command line: `messenger admin`."""
