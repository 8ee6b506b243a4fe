"""Warms up the process that programs are forked off: SQL compiled, tables of characters read.

That took more than half of a server's time until it had answered its first requests.
"""

import gc
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from messenger.jim.rooms import Join
from messenger.language import say
from messenger.log.server_log_config import LOGGER
from messenger.sdk import Client, Credentials, Store
from messenger.server import program
from messenger.server.config import Settings
from tests.running import PASSWORD, Talker, until

_ROOM = "#кухня"


def talk_once() -> None:
    """Run a server in this process, and clients that talk on it."""
    say("", {}, "ru")
    with tempfile.TemporaryDirectory(prefix="messenger-") as data, _as_before():
        settings = Settings(
            address="127.0.0.1", port=0, data=Path(data), engine="select", limits_on=False
        )
        program.run(settings, _begin_to_talk)


@contextmanager
def _as_before() -> Iterator[None]:
    """Undo what a server changes in its process."""
    yield
    gc.unfreeze()
    for handler in LOGGER.handlers[:]:
        LOGGER.removeHandler(handler)
        handler.close()
    LOGGER.propagate = True
    LOGGER.setLevel(0)


def _begin_to_talk(said: str) -> bool:
    """Talk as soon as the server has printed its port."""
    if "port " in said:
        port = int(said.split("port ")[1].split(maxsplit=1)[0])
        threading.Thread(target=_talk, args=(port,)).start()
    return True


def _talk(port: int) -> None:
    try:
        _ask(port)
        _write(port)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def _ask(port: int) -> None:
    with Talker(port) as one, Talker(port) as other:
        one.register("Анна")
        one.log_in("Анна")
        other.guest("bob")
        for room in (_ROOM, "#all"):
            one.ask("join", room=room)
            other.ask("join", room=room)
            one.ask("members", room=room)
        for to in ("bob", _ROOM, "#all"):
            one.ask("msg", to=to, message="Привет", id=to)
            one.ask("history", conversation=to)
        for action in ("get_contacts", "conversations", "rooms", "logins"):
            one.ask(action)
        for action in ("add_contact", "del_contact"):
            one.ask(action, user_id="bob")
        one.leave()


def _write(port: int) -> None:
    one, other = people = [_person(port, name) for name in ("Вера", "名前")]
    for person in people:
        person.ask(Join(room=_ROOM))
    for to, there in ((_ROOM, _ROOM), ("名前", "Вера")):
        one.send_text(to, "Привет")
        until(lambda there=there: other.store.page(there))
    for person in people:
        person.close()
        person.store.close()


def _person(port: int, name: str) -> Client:
    made = Client("127.0.0.1", port, Credentials(name, PASSWORD, register=True), Store())
    made.start()
    assert made.wait_until_online(60)
    return made
