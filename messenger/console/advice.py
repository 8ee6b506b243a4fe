"""What a user of a terminal can do about an error: the command or the option, by its type."""

from messenger.language import N_, _
from messenger.ui.login import NameTaken

_ADVICE: dict[type[BaseException], str] = {NameTaken: N_("Take another name with -n NAME.")}


def with_advice(error: BaseException) -> str:
    """Return what an error says, and in a line of its own what can be done about it here."""
    advice = [_(text) for kind, text in _ADVICE.items() if isinstance(error, kind)]
    return "\n".join([str(error), *advice])
