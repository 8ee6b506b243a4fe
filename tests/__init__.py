"""Tests of Messenger; the tree mirrors the package."""

import os

# What programs say is tested in English, whatever the machine speaks.
os.environ["LANGUAGE"] = "en"
