"""Fixtures of the server."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.log import server_log_config

ODD = "сервер 名前 a%41? \U0001f511"


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A directory for a server in this process, whose log files are closed again afterwards."""
    yield tmp_path / ODD
    for handler in server_log_config.LOGGER.handlers[:]:
        server_log_config.LOGGER.removeHandler(handler)
        handler.close()
    server_log_config.LOGGER.setLevel(logging.INFO)
