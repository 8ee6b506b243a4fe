"""What a user of a terminal can do about an error: the command or the option, by its type."""

from messenger.console.notice_lines import action_line
from messenger.language import N_, _
from messenger.sdk.errors import NoTls
from messenger.sdk.trust import CertificateRenewed, NoAuthority, OtherInvited, ServerChanged
from messenger.ui.login import NameTaken
from messenger.ui.notices import actions_for
from messenger.ui.profile_choice import BadName
from messenger.ui.start import AlreadyOpen

_OPTIONS: dict[type[BaseException], str] = {
    NameTaken: N_("Take another name with -n NAME."),
    AlreadyOpen: N_("Or start another with -n NAME."),
    BadName: N_("Choose another with -n NAME."),
    NoTls: N_("--plain connects without encryption."),
    ServerChanged: N_(
        "If its operator says that this is right, start with --trust and the new one."
    ),
    OtherInvited: N_(
        "If its operator says that the new one is right, start with --trust and that one."
    ),
    CertificateRenewed: N_(
        "If the operator has renewed the certificate, start once with --trust authority."
    ),
    NoAuthority: N_("Start with --trust and the fingerprint of its key."),
}


def with_advice(error: BaseException) -> str:
    """Return what an error says, and in a line of its own what can be done about it here."""
    return "\n".join(filter(None, (str(error), advice(error))))


def advice(error: BaseException | None) -> str:
    """Return what can be done here about an error, or about what has led to it; or nothing."""
    while error is not None:
        option = next((_OPTIONS[kind] for kind in type(error).__mro__ if kind in _OPTIONS), "")
        found = [action_line(action) for action in actions_for(error)]
        if option or found:
            return " ".join([*found, *([_(option)] if option else [])])
        error = error.__cause__
    return ""
