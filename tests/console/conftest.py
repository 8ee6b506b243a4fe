"""Fixtures of the clients in a terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import RunningServer, running


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of the test's own: it may stop it, and nobody else has written there."""
    with running(tmp_path / "server", "--limits", "off") as server:
        yield server
