"""The parts of the page of settings: sections of rows, the certificate, the test of a database."""
