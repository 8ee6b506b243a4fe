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


def test_keys_are_restored_by_their_names_and_nobody_elses(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with DeviceTalker(server.port, "Иван 😀") as ivan, DeviceTalker(server.port, "名前") as other:
        kept = {"a/b%41": "whole", "a/b%41 7": "later", "a/b%417": "another", "名前": "n", "b": "b"}
        assert ivan.ask("backup", keys=kept)["response"] == 200
        assert other.ask("backup", keys={"a/b%41": "theirs"})["response"] == 200

        def found(*names: str, after: str = "") -> dict[str, str]:
            keys: dict[str, str] = ivan.ask("restore", names=list(names), after=after)["keys"]
            return keys

        assert found("a/b%41", "nowhere") == {"a/b%41": "whole", "a/b%41 7": "later"}
        assert found("a/b%41", "名前", after="a/b%41") == {"a/b%41 7": "later", "名前": "n"}
        assert found("a/b%41 7", "", "%", "_") == {"a/b%41 7": "later"}
        assert found() == kept
        assert ivan.ask("restore", names=["a"] * 101)["response"] == 400


def test_a_session_with_very_many_keys_is_restored_in_pages(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with DeviceTalker(server.port, "Иван 😀") as ivan:
        for start in range(0, 600, 100):
            keys = {f"one {number:03}": "sealed" for number in range(start, start + 100)}
            assert ivan.ask("backup", keys=keys)["response"] == 200

        first = ivan.ask("restore", names=["one", "two"])
        rest = ivan.ask("restore", names=["one", "two"], after=first["next"])

        assert (len(first["keys"]), len(rest["keys"])) == (500, 100)
        assert "next" not in rest or rest["next"] is None
