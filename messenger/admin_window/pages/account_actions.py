"""What an administrator can do with an account: each says beforehand what it does."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from messenger.admin_window.acting import Act
from messenger.language import N_, _
from messenger.sdk.administration import Administration
from messenger.sdk.administration.results import AccountEntry


class Do(Protocol):
    """Asks the server to do something with an account."""

    def __call__(self, server: Administration, /, *, name: str) -> object:
        """Do it."""


class AccountAction(NamedTuple):
    """An action: its words, what it does in a few sentences, and what is said when it is done.

    All words are untranslated, with `{name}` for the account.
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

    def on(self, name: str) -> Act:
        """Return the act on an account."""
        return Act(
            _(self.title, name=name),
            _(self.question, name=name),
            _(self.words),
            lambda server: self.do(server, name=name),
            _(self.done, name=name),
        )


def _is_there(account: AccountEntry) -> bool:
    return account.state != "removed"


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
    ),
    AccountAction(
        "block",
        N_("Block"),
        "prohibit",
        N_("Block {name}?"),
        N_(
            "{name} is logged out everywhere and cannot log in until you unblock the account."
            " Nothing is deleted: messages, rooms and contacts stay, and what others write is"
            " stored for later."
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
            " of rooms, and the login history. This cannot be undone.\n\n"
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
