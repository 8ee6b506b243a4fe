"""Advice for errors: the command or the command-line option that helps, by the error's type."""

from messenger.console.notice_lines import action_line
from messenger.language import N_, _
from messenger.sdk.errors import NoTls
from messenger.sdk.server_identity import (
    CertificateRenewed,
    NoAuthority,
    OtherInvited,
    ServerChanged,
)
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
        "If its operator confirms the change, start with --trust and the new fingerprint."
    ),
    OtherInvited: N_(
        "If its operator confirms the new key, start with --trust and its fingerprint."
    ),
    CertificateRenewed: N_(
        "If the operator has renewed the certificate, start once with --trust authority."
    ),
    NoAuthority: N_("Start with --trust and the fingerprint of its key."),
}


def with_advice(text: str, error: BaseException | None, *, separator: str = " ") -> str:
    """Return a text about an error, followed by advice."""
    return separator.join(filter(None, (text, advice(error))))


def advice(error: BaseException | None) -> str:
    """Return advice for an error and its causes, or nothing."""
    found: list[str] = []
    while error is not None:
        found += [action_line(action) for action in actions_for(error)]
        option = next((_OPTIONS[kind] for kind in type(error).__mro__ if kind in _OPTIONS), "")
        if option:
            found.append(_(option))
        # Often it is the cause that the user can do something about.
        error = error.__cause__
    return " ".join(dict.fromkeys(found))
