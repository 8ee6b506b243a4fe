"""Tables of the administration window, whose rows the server filters, sorts and pages."""
