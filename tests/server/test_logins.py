"""Only the last logins of an account are stored: a program that logs in for ever fills no disk."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert

from messenger.server.store import accounts as account_store
from messenger.server.store import database
from messenger.server.store.schema import accounts


def test_the_last_logins_of_each_account_are_kept(
    new_engine: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_store, "_KEPT_LOGINS", 5)
    engine = new_engine()
    with database.writer(engine) as connection, connection.begin():
        for number, name in ((1, "Иван"), (2, "名前")):
            account = {"id": number, "name": name, "name_key": name, "created_at": 0.0}
            connection.execute(insert(accounts), account)

        def log_in(account_id: int, address: str) -> None:
            account_store.log_in(
                connection,
                account_id,
                device_id="",
                name="",
                program="",
                address=address,
                token_hash=None,
                max_devices=1,
            )

        log_in(2, "10.0.0.2")
        for number in range(20):
            log_in(1, f"10.0.1.{number}")

        found = account_store.login_history(connection, 1, 100)
        assert [one.address for one in found] == [f"10.0.1.{n}" for n in range(19, 14, -1)]
        assert len(account_store.login_history(connection, 2, 100)) == 1
    engine.dispose()
