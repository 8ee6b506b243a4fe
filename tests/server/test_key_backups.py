"""The key backup on the server: stored, replaced, and refused if there are too many keys."""

from collections.abc import Callable

import pytest

from tests.running import RunningServer, Talker
from tests.server.test_keys import DeviceTalker

Servers = Callable[..., RunningServer]


def test_a_backup_refused_for_lack_of_room_leaves_the_earlier_one(own_server: Servers) -> None:
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
            keys = {f"one {number:03}": "encrypted" for number in range(start, start + 100)}
            assert ivan.ask("backup", keys=keys)["response"] == 200

        first = ivan.ask("restore", names=["one", "two"])
        rest = ivan.ask("restore", names=["one", "two"], after=first["next"])

        assert (len(first["keys"]), len(rest["keys"])) == (500, 100)
        assert "next" not in rest or rest["next"] is None


@pytest.mark.parametrize("name", ["\x01junk", "a\x7f", "a\nb", "a\x00"])
def test_only_names_that_can_be_restored_and_deleted_are_stored(
    own_server: Servers, name: str
) -> None:
    server = own_server("--limits", "off")
    with DeviceTalker(server.port, "Иван 😀") as ivan:
        assert ivan.ask("backup", keys={name: "encrypted", "名前": "n"})["response"] == 400
        assert not ivan.ask("restore", after="").get("keys")


def test_deleted_keys_make_room_and_urgent_ones_have_their_own(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml="[limits]\nkey_backups = 3\n")
    with DeviceTalker(server.port, "Иван 😀") as ivan:
        assert ivan.ask("backup", keys={"a": "1", "b": "2", "c": "3"})["response"] == 200
        full = ivan.ask("backup", keys={"d": "4"})
        assert (full["response"], full["kind"]) == (413, "backup_full")

        assert ivan.ask("backup", keys={"d": "4"}, forget=["a", "名前"])["response"] == 200
        assert ivan.ask("backup", keys={"e": "5"}, is_urgent=True)["response"] == 200
        assert ivan.ask("backup", keys={"e": "6"})["response"] == 200, "it takes its own place"
        assert ivan.ask("backup", keys={"f": "7"})["response"] == 413
        assert ivan.ask("backup", keys={}, forget=["b"])["response"] == 200

        assert ivan.ask("restore", after="")["keys"] == {"c": "3", "d": "4", "e": "6"}


def test_the_names_that_are_announced_reach_the_accounts_other_devices_and_nobody_else(
    own_server: Servers,
) -> None:
    server = own_server("--limits", "off")
    with (
        DeviceTalker(server.port, "Иван 😀") as ivan,
        DeviceTalker(server.port, "名前") as other,
        DeviceTalker(server.port, "Иван 😀", "D2", is_new=False) as second,
        Talker(server.port) as plain,
    ):
        plain.log_in("Иван 😀")

        assert ivan.ask("backup", keys={"a": "1"})["response"] == 200
        assert ivan.ask("backup", keys={"b": "2", "c": "3"}, announce=True)["response"] == 200

        assert second.event("backup")["names"] == ["b", "c"]
        for talker in (ivan, other, plain):
            talker.send("msg", to="#all", message="the end")
        for talker in (ivan, other, plain):
            assert not [one for one in talker.before("the end") if one.get("action") == "backup"]
