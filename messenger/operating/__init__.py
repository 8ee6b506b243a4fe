"""The operator's commands on the server's own machine: settings, doctor, log."""
