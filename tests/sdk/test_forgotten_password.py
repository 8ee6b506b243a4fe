"""A forgotten password: a new one is set, and the history comes back as on any new device."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.jim.errors import NotFound, Unauthorized, WrongCode
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.administration import at_socket
from messenger.sdk.events import ConnectionState
from messenger.sdk.store import MessageSecurity
from tests.running import PASSWORD, RunningServer
from tests.sdk.person import Names, People, wait

NEW = "новый пароль"


@contextlib.contextmanager
def device(server: RunningServer, credentials: Credentials, store: Store) -> Iterator[Client]:
    """Run a client of the account on another computer."""
    client = Client("127.0.0.1", server.port, credentials, store, encryption="tls")
    client.start()
    try:
        yield client
    finally:
        client.close()
        store.close()


def texts(client: Client, conversation: str) -> list[str]:
    return [message.text for message in client.store.page(conversation)]


def code_for(server: RunningServer, name: str) -> str:
    with at_socket(server.data / "admin.sock") as operator:
        return operator.reset_password(name).reset_code


def test_the_recovery_code_brings_the_history_back(
    one_server: RunningServer, person: People, name: Names, tmp_path: Path
) -> None:
    ivan, bob = person(name("Иван")), person(name("bob"))
    recovery = ivan.keys.recovery_code
    assert recovery is not None
    bob.send_text(ivan.name, "до сброса")
    wait(lambda: texts(ivan, bob.name) == ["до сброса"])
    wait(lambda: not ivan.core.encryption.keys.not_backed_up(1))
    ivan.close()
    code = code_for(one_server, ivan.name)

    credentials = Credentials(ivan.name, NEW, reset_code=code)
    with device(one_server, credentials, Store(tmp_path / "new.db")) as again:
        assert again.wait_until_online(60)
        wait(lambda: texts(again, bob.name))
        # Whoever has the code has the account, but neither its keys nor what was written.
        assert not again.keys.is_approved
        assert texts(again, bob.name) == [""]
        (message,) = again.store.page(bob.name)
        assert message.security is MessageSecurity.EARLIER
        wait(
            lambda: sorted(one.approved for one in bob.keys.devices_of(ivan.name)) == [False, True]
        )

        bob.send_text(ivan.name, "не для кого попало")
        wait(lambda: texts(again, bob.name) == ["", ""])

        again.keys.recover(recovery)

        wait(lambda: texts(again, bob.name) == ["до сброса", "не для кого попало"])
        wait(lambda: again.keys.is_approved)
        assert again.keys.recovery_code == recovery


def test_another_device_keeps_its_keys_and_approves_the_new_one(
    one_server: RunningServer, person: People, name: Names, tmp_path: Path
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    bob.send_text(ann.name, "earlier")
    wait(lambda: texts(ann, bob.name) == ["earlier"])
    code = code_for(one_server, ann.name)

    credentials = Credentials(ann.name, NEW, reset_code=code)
    with device(one_server, credentials, Store(tmp_path / "new.db")) as again:
        assert again.wait_until_online(60)
        wait(lambda: texts(again, bob.name) == [""])
        wait(lambda: ann.core.state is ConnectionState.REFUSED)
        assert isinstance(ann.core.error, Unauthorized)
        ann.log_in(Credentials(ann.name, NEW))
        assert ann.wait_until_online(60)
        assert ann.keys.is_approved

        ann.keys.approve(again.keys.approval_code)

        wait(lambda: texts(again, bob.name) == ["earlier"])
        bob.send_text(ann.name, "later")
        for one in (ann, again):
            wait(lambda: texts(one, bob.name) == ["earlier", "later"])  # noqa: B023  at once


def test_a_device_uses_the_code_itself_and_goes_on(
    one_server: RunningServer, person: People, name: Names
) -> None:
    """It was logged out, and has everything but the password."""
    ann, bob = person(name("ann")), person(name("bob"))
    bob.send_text(ann.name, "earlier")
    wait(lambda: texts(ann, bob.name) == ["earlier"])
    code = code_for(one_server, ann.name)
    with at_socket(one_server.data / "admin.sock") as operator:
        operator.log_out(ann.name)
    wait(lambda: ann.core.state is ConnectionState.REFUSED)

    ann.log_in(Credentials(ann.name, NEW, reset_code=code))

    assert ann.wait_until_online(60)
    bob.send_text(ann.name, "later")
    wait(lambda: texts(ann, bob.name) == ["earlier", "later"])
    assert ann.keys.is_approved
    assert len(ann.keys.own_devices()) == 1


def test_codes_that_do_not_hold_are_told_as_such(
    one_server: RunningServer, person: People, name: Names, tmp_path: Path
) -> None:
    ann = person(name("ann"))
    with at_socket(one_server.data / "admin.sock") as operator, pytest.raises(NotFound):
        operator.reset_password(name("nobody"))
    for number, who in enumerate((ann.name, name("nobody"))):
        credentials = Credentials(who, NEW, reset_code="AAAA-BBBB-CCCC-DDDD")
        with device(one_server, credentials, Store(tmp_path / f"code {number}.db")) as client:
            with pytest.raises(WrongCode, match="wrong, used or expired"):
                client.wait_until_online(60)
            assert client.core.state is ConnectionState.REFUSED
    assert ann.core.state is ConnectionState.ONLINE
    with device(one_server, Credentials(ann.name, PASSWORD), Store(tmp_path / "old.db")) as client:
        assert client.wait_until_online(60)
