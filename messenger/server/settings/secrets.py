"""Hides the password in the URL of a database, and puts it back."""

import re

HIDDEN = "***"

# Up to the last @: a password may contain one, though it should be written as %40.
_PASSWORD = re.compile(r"(?P<before>://[^:/?#]*:)(?P<password>.+)(?P<after>@)", re.DOTALL)
# libpq takes it from the query as well.
_QUERY = re.compile(r"(?P<before>[?&](?:ssl)?password=)(?P<password>[^&#]+)(?P<after>)")


def hide(url: str) -> str:
    """Return the URL with `***` in place of each password."""
    for pattern in (_QUERY, _PASSWORD):
        url = pattern.sub(rf"\g<before>{HIDDEN}\g<after>", url)
    return url


def restore(url: str, known: str) -> str:
    """Return the URL with the password of a known one where it has `***`.

    So a URL that was shown can be changed and sent back by somebody who does not know the password.
    """
    for pattern in (_QUERY, _PASSWORD):
        asked, found = pattern.search(url), pattern.search(known)
        if asked and found and asked["password"] == HIDDEN:
            url = url[: asked.start("password")] + found["password"] + url[asked.end("password") :]
    return url
