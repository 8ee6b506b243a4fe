"""Keys that are backed up at the server: kept, replaced, and refused where there are too many."""

from collections.abc import Callable

from tests.running import RunningServer
from tests.server.test_keys import DeviceTalker

Servers = Callable[..., RunningServer]


def test_a_backup_that_is_refused_for_want_of_room_leaves_what_was_backed_up(
    own_server: Servers,
) -> None:
    server = own_server("--limits", "off", toml="[limits]\nkey_backups = 3\n")
    with DeviceTalker(server.port, "Иван 😀") as ivan, DeviceTalker(server.port, "名前") as other:
        kept = {"a/b%41": "one", "名前 2": "two"}
        for talker in (ivan, other):
            assert talker.ask("backup", keys=kept)["response"] == 200

        assert ivan.ask("backup", keys={**kept, "three": "3", "four": "4"})["response"] == 413
        assert ivan.ask("restore", after="")["keys"] == kept

        assert ivan.ask("backup", keys={"a/b%41": "anew", "three": "3"})["response"] == 200
        assert ivan.ask("restore", after="")["keys"] == {**kept, "a/b%41": "anew", "three": "3"}
        assert ivan.ask("backup", keys={"four": "4"})["response"] == 413
        assert other.ask("restore", after="")["keys"] == kept
