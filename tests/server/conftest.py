"""Fixtures of the server."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import URL, Engine

from messenger.log import server_log_config
from messenger.server.store import database

if TYPE_CHECKING:
    from tests.postgresql import Postgresql

ODD = "сервер 名前 a%41? \U0001f511"


@pytest.fixture(scope="session", params=("sqlite", "postgresql"))
def new_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Engine]:
    """Return new databases with the server's schema, of each kind."""

    def make() -> Engine:
        url: str | URL = URL.create(
            "sqlite", database=str(tmp_path_factory.mktemp("store") / "messenger.db")
        )
        if request.param == "postgresql":
            url = request.getfixturevalue("postgresql").new_database()
        engine = database.open_engine(url, 2)
        database.prepare(engine)
        return engine

    return make


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator["Postgresql"]:
    """A PostgreSQL server that the tests of a module may stop: other tests do not use it."""
    from tests.postgresql import Postgresql

    server = Postgresql()
    yield server
    server.close()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A directory for a server in this process, whose log files are closed again afterwards."""
    yield tmp_path / ODD
    for handler in server_log_config.LOGGER.handlers[:]:
        server_log_config.LOGGER.removeHandler(handler)
        handler.close()
    server_log_config.LOGGER.setLevel(logging.INFO)
