"""How the documentation is built."""

project = "Messenger"
author = "the Messenger developers"
copyright = "2026, the Messenger developers"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Messenger"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": False}
autodoc_typehints = "description"

# GitHub draws Mermaid diagrams, Pygments has no lexer for them.
suppress_warnings = ["misc.highlighting_failure"]
