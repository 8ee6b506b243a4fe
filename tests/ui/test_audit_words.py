"""The audit log is read by people: each act and each value that it keeps has words."""

from collections.abc import Callable
from pathlib import Path

from messenger.language import use_language
from messenger.sdk.administration import at_socket
from messenger.ui.audit_words import act_name, actor_name, change_facts, fact_name, origin_name
from tests.running import RunningServer, running
from tests.server.admin_examples import ACTS, AFTER, Examples
from tests.server.administrators import administrator, operator


def test_each_act_and_what_it_changes_has_words(tmp_path: Path, name: Callable[[str], str]) -> None:
    with running(tmp_path / "server", "--limits", "off") as server:
        examples = Examples(server, name)
        for tag, (before, make) in AFTER.items():
            keys = make(examples)
            assert operator(server, before, **keys)["response"] < 300
            assert operator(server, tag, **keys)["response"] < 300
        for tag, make in ACTS.items():
            assert operator(server, tag, **make(examples))["response"] < 300
        assert (
            operator(server, "admin_settle", report=examples.report(), others=True)["response"]
            < 300
        )
        _remove_with_invitations(server, name("Иван"))
        examples.idle()
        with at_socket(server.data / "admin.sock") as administration:
            rows = administration.audit(limit=500).entries
        examples.close()
    assert {row.action for row in rows} >= {*ACTS, *AFTER}
    for row in rows:
        assert act_name(row.action) != row.action
        if row.action != "admin_set":  # Settings are called as in their file.
            for one in (*(row.before or {}), *(row.after or {})):
                assert fact_name(one) != one


def _remove_with_invitations(server: RunningServer, name: str) -> None:
    """Remove an administrator who has made an invitation."""
    with administrator(server, name) as client:
        assert client.ask("admin_invite")["response"] == 201
    assert operator(server, "admin_remove", account_name=name)["response"] == 200


def test_values_are_said_as_people_say_them() -> None:
    values = {"role": "user", "blocked": True, "expires": None, "uses": 3, "unknown": ""}
    assert change_facts(values) == [
        ("Role", "user"),
        ("Is blocked", "yes"),
        ("Expires", "–"),
        ("Registrations left", "3"),
        ("unknown", "–"),
    ]
    assert origin_name("local") == "the server's machine"
    assert origin_name("192.0.2.7") == "192.0.2.7"
    assert act_name("admin_levitate") == "admin_levitate"


def test_the_operator_is_called_so_in_every_language() -> None:
    use_language("ru")
    try:
        assert (actor_name("operator"), origin_name("local")) == ("оператор", "компьютер сервера")
        assert (actor_name("Иван"), origin_name("10.0.0.7")) == ("Иван", "10.0.0.7")
    finally:
        use_language("auto")
