"""The panel on the left: conversations, and contacts beside them."""
