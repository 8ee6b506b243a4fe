"""Mathematics without I/O: passwords now, end-to-end encryption later."""
