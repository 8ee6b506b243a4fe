"""Mathematics without I/O: passwords, certificates, and what end-to-end encryption is made of."""
