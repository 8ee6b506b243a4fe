"""Tests of Messenger; the tree mirrors the package."""

import gc
import os

# What programs say is tested in English, whatever the machine speaks.
os.environ["LANGUAGE"] = "en"

# As often as Python looks for garbage by itself that is a tenth of what the suite costs. Here: it
# is imported before everything else of the tests, and of the product.
gc.set_threshold(50_000, 20, 50)
