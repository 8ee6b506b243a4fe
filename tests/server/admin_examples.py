"""An example of each administrative request: whoever adds one adds its example here."""

from collections.abc import Callable
from typing import Any

from messenger.crypto import passwords
from tests.running import RunningServer, Talker, until
from tests.server.administrators import Names, operator, registered
from tests.stretching import PASSWORD

Keys = dict[str, Any]


class Examples:
    """Makes what the examples are about, under names that nobody else uses."""

    def __init__(self, server: RunningServer, name: Names) -> None:
        self._server = server
        self._name = name
        self._number = 0
        self._clients: list[Talker] = []

    def new_name(self) -> str:
        """Return a name that is free."""
        self._number += 1
        return self._name(f"target{self._number}")

    def session(self) -> int:
        """Return the number of a session that was begun for it."""
        client = Talker(self._server.port)
        self._clients.append(client)
        client.log_in_fully(self.account())
        listed = operator(self._server, "admin_sessions", search=client.name)
        number: int = listed["sessions"][0]["number"]
        return number

    def room(self) -> str:
        """Return the name of a new room."""
        with Talker(self._server.port) as client:
            client.log_in_fully(self.account())
            self._number += 1
            name = f"{self._name('#room')}{self._number}"
            assert client.ask("join", room=name)["response"] == 200
        return name

    def invitation(self) -> str:
        """Return the id of a new invitation."""
        made = operator(self._server, "admin_invite", uses=2)
        assert made["response"] == 201, made
        identity: str = made["invitation"]
        return identity

    def report(self) -> int:
        """Return the id of a new report."""
        with Talker(self._server.port) as client:
            client.log_in_fully(self.account())
            made = client.ask("report", account_name=self.account(), reason="spam")
        assert made["response"] == 201, made
        listed = operator(self._server, "admin_reports")["reports"]
        return next(int(one["report"]) for one in listed if one["reporter"] == client.name)

    def idle(self) -> None:
        """Wait until no backup is made or verified."""
        until(lambda: not operator(self._server, "admin_backups").get("work"))

    def close(self) -> None:
        """Close the connections of the sessions."""
        for client in self._clients:
            client.close()

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


def _idle(examples: Examples) -> Keys:
    examples.idle()
    return {}


READS: dict[str, Callable[[Examples], Keys]] = {
    "admin_accounts": lambda _: {},
    "admin_account": _of_account,
    "admin_sessions": lambda _: {},
    "admin_logins": lambda _: {"limit": 3},
    "admin_rooms": lambda _: {},
    "admin_room": lambda examples: {"room": examples.room()},
    "admin_invites": lambda _: {"all": True},
    "admin_audit": lambda _: {"limit": 3},
    "admin_stats": lambda _: {"range": "hour"},
    "admin_settings": lambda _: {},
    "admin_test_db": lambda _: {},
    "admin_certificate": lambda _: {},
    "admin_reports": lambda _: {},
    "admin_report": lambda examples: {"report": examples.report()},
    "admin_log": lambda _: {"level": "WARNING", "limit": 3},
    "admin_doctor": lambda _: {"start": True},
    "admin_backups": lambda _: {"cancel": True},
}
"""Requests that change nothing, and leave no row in the audit log."""

ACTS: dict[str, Callable[[Examples], Keys]] = {
    "admin_add": _added,
    "admin_block": _of_account,
    "admin_remove": _of_account,
    "admin_promote": _of_account,
    "admin_reset": _of_account,
    "admin_logout": _of_account,
    "admin_end": lambda examples: {"number": examples.session()},
    "admin_close": lambda examples: {"room": examples.room()},
    "admin_invite": lambda _: {"uses": 3, "days": 1.5},
    "admin_revoke": lambda examples: {"invitation": examples.invitation()},
    "admin_set": lambda examples: {"changes": {"description": examples.new_name()}},
    "admin_settle": lambda examples: {"report": examples.report(), "note": "She was warned"},
    "admin_renew": lambda _: {},
    "admin_backup": _idle,
    "admin_notice": lambda _: {"text": "The server stops at five"},
}
"""Requests that change something, and leave one row."""

ENDS: dict[str, Callable[[Examples], Keys]] = {
    "admin_restart": lambda _: {},
    "admin_restore": lambda _: {"backup": "messenger-20200101-000000Z.tar.gz"},
}
"""Requests after which another server runs; a server that the tests have forked refuses them."""

AFTER: dict[str, tuple[str, Callable[[Examples], Keys]]] = {
    "admin_unblock": ("admin_block", _of_account),
    "admin_demote": ("admin_promote", _of_account),
}
"""Requests that change something, with the one that has to come before, about the same."""
