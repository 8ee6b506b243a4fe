"""Examines a server and its machine, and says what is wrong and what to do; changes nothing."""
