"""People and rooms: contacts, members, panels about them, and the dialogs that find them."""
