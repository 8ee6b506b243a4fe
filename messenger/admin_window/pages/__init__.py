"""The pages of the administration window, one module or more for each."""
