"""What an administrator can do with an account: each says beforehand what it does."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

from PyQt6.QtWidgets import QWidget

from messenger.admin_window.acting import Act
from messenger.admin_window.pages.reset_code import show_reset_code
from messenger.language import N_, _, ngettext
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import AccountDetails, AccountEntry


class Do(Protocol):
    """Asks the server to do something with an account."""

    def __call__(self, server: Administration, /, *, name: str) -> object:
        """Do it."""


class AccountAction(NamedTuple):
    """An action: its words, what it does in a few sentences, and what is said when it is done.

    All words are untranslated, with `{name}` for the account. `show` gets that name and the
    server's answer, if that is to be seen. `more` is what the question says for this account.
    """

    name: str
    words: str
    icon_name: str
    title: str
    question: str
    done: str
    do: Do
    is_offered: Callable[[AccountEntry], bool]
    is_danger: bool = False
    show: Callable[[str, Any, QWidget | None], object] | None = None
    more: Callable[[AccountDetails], str] | None = None

    def on(self, name: str, more: str = "") -> Act:
        """Return the act on an account; `more` is what else the question says, in a paragraph."""
        return Act(
            _(self.title, name=name),
            "\n\n".join(filter(None, (_(self.question, name=name), more))),
            _(self.words),
            lambda server: self.do(server, name=name),
            _(self.done, name=name),
            partial(self.show, name) if self.show is not None else None,
            is_danger=self.is_danger,
        )


def _is_there(account: AccountEntry) -> bool:
    return account.state != "removed"


def _open_invitations(found: AccountDetails) -> str:
    count = found.invitations
    if not count:
        return ""
    return ngettext(
        "{count} invitation that this account has made stays valid. To revoke it, go to"
        " Invitations.",
        "{count} invitations that this account has made stay valid. To revoke them, go to"
        " Invitations.",
        count,
    )


ACTIONS = (
    AccountAction(
        "logout",
        N_("Log out everywhere"),
        "sign-out",
        N_("Log out {name} everywhere?"),
        N_(
            "All devices of {name} are logged out now, and each needs the password to log in again."
            " Messages that a device has stored stay on it."
        ),
        N_("{name} is logged out."),
        lambda server, *, name: server.log_out(name),
        _is_there,
    ),
    AccountAction(
        "reset",
        N_("Reset password"),
        "key",
        N_("Make a code for a new password of {name}?"),
        N_(
            "You get a code and a link with which {name} sets a new password: once, within 24"
            " hours. Until then nothing changes, and the old password works.\n\n"
            "When it is used, all devices of {name} log in again; they keep their keys and"
            " messages. On a new device earlier encrypted messages appear once the recovery code or"
            " another device has approved it."
        ),
        N_("A code for a new password of {name} is made."),
        lambda server, *, name: server.reset_password(name),
        lambda account: account.state == "active",
        show=show_reset_code,
    ),
    AccountAction(
        "promote",
        N_("Make administrator"),
        "crown",
        N_("Make {name} an administrator?"),
        N_(
            "{name} can then see all accounts, change and remove them, and change the server's"
            " settings, as you can. Nobody can read the messages of others by that."
        ),
        N_("{name} is an administrator now."),
        lambda server, *, name: server.promote(name),
        lambda account: account.state == "active" and account.role == "user",
    ),
    AccountAction(
        "demote",
        N_("Make a user again"),
        "shield-slash",
        N_("Make {name} a user again?"),
        N_(
            "{name} can no longer administer the server, from now on and on all devices. The"
            " account and its messages stay as they are."
        ),
        N_("{name} is no longer an administrator."),
        lambda server, *, name: server.demote(name),
        lambda account: _is_there(account) and account.role == "administrator",
        more=_open_invitations,
    ),
    AccountAction(
        "block",
        N_("Block"),
        "prohibit",
        N_("Block {name}?"),
        N_(
            "{name} is logged out everywhere and cannot log in until you unblock the account."
            " Nothing is deleted: messages, rooms and contacts stay, and what others write is"
            " stored for later. Invitations that {name} has made are revoked."
        ),
        N_("{name} is blocked."),
        lambda server, *, name: server.block(name),
        lambda account: account.state == "active",
        is_danger=True,
    ),
    AccountAction(
        "unblock",
        N_("Unblock"),
        "check-circle",
        N_("Unblock {name}?"),
        N_("{name} can log in again, with the same password, and finds everything as it was."),
        N_("{name} can log in again."),
        lambda server, *, name: server.unblock(name),
        lambda account: account.state == "blocked",
    ),
    AccountAction(
        "remove",
        N_("Remove"),
        "trash",
        N_("Remove {name} for good?"),
        N_(
            "Removed are the password, devices, encryption keys, key backup, contacts, memberships"
            " of rooms, and the login history; invitations that {name} has made are revoked. This"
            " cannot be undone.\n\n"
            "What {name} has written stays with those who received it, and in the rooms. The name"
            " stays taken, so that nobody can pose as {name}."
        ),
        N_("The account {name} is removed."),
        lambda server, *, name: server.remove(name),
        _is_there,
        is_danger=True,
    ),
)
"""In the order in which menus and the panel show them."""
