"""An example of each administrative request: whoever adds one adds its example here."""

from collections.abc import Callable
from typing import Any

from messenger.crypto import passwords
from tests.running import RunningServer
from tests.server.administrators import Names, registered
from tests.stretching import PASSWORD

Keys = dict[str, Any]


class Examples:
    """Makes what the examples are about, under names that nobody else uses."""

    def __init__(self, server: RunningServer, name: Names) -> None:
        self._server = server
        self._name = name
        self._number = 0

    def new_name(self) -> str:
        """Return a name that is free."""
        self._number += 1
        return self._name(f"target{self._number}")

    def account(self) -> str:
        """Return the name of a new account."""
        return registered(self._server, self.new_name())


def _of_account(examples: Examples) -> Keys:
    return {"account_name": examples.account()}


def _added(examples: Examples) -> Keys:
    return {
        "account_name": examples.new_name(),
        "verifier": passwords.make_verifier(PASSWORD).encode(),
    }


READS: dict[str, Callable[[Examples], Keys]] = {
    "admin_accounts": lambda _: {},
    "admin_account": _of_account,
}
"""Requests that change nothing, and leave no row in the audit log."""

ACTS: dict[str, Callable[[Examples], Keys]] = {
    "admin_add": _added,
    "admin_block": _of_account,
    "admin_remove": _of_account,
    "admin_promote": _of_account,
    "admin_logout": _of_account,
}
"""Requests that change something, and leave one row."""

AFTER: dict[str, tuple[str, Callable[[Examples], Keys]]] = {
    "admin_unblock": ("admin_block", _of_account),
    "admin_demote": ("admin_promote", _of_account),
}
"""Requests that change something, with the one that has to come before, about the same."""
