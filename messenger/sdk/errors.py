"""What may go wrong at the client beyond what the server refuses."""


class NotOnline(Exception):
    """The request needs the server, which is away; messages are written all the same."""


class LinkLost(NotOnline):
    """The link broke before the answer came: it is not known whether the request was heard."""


class StoreUnusable(Exception):
    """The local database cannot be used; the text tells the user what to do."""
