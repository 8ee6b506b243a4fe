"""The status line: how the link is, who one is, what is unread elsewhere, who writes, the time."""

import time

from messenger.console.lines import visible
from messenger.console.talk import state_name
from messenger.language import _, ngettext
from messenger.sdk.core import Core


def status_text(core: Core, unread: int, writer: str | None) -> str:
    """Return the line; `unread` counts the other conversations, `writer` is here."""
    parts = [state_name(core.state), visible(core.credentials.name)]
    if core.is_guest:
        parts[-1] += " " + _("(guest)")
    if unread:
        parts.append(ngettext("{count} unread", "{count} unread", unread))
    if writer:
        parts.append(_("{name} is writing", name=visible(writer)))
    parts.append(time.strftime("%H:%M"))
    return " · ".join(parts)
