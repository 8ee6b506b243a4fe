"""Tests of Messenger; the tree mirrors the package."""

import gc
import os

# Texts of programs are compared in English, whatever the machine's language is.
os.environ["LANGUAGE"] = "en"

# With Python's default thresholds the garbage collector takes a tenth of the suite's time. They are
# set here because this module is imported before all others of the tests, and of the product.
gc.set_threshold(50_000, 20, 50)
