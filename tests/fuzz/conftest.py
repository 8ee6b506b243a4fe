"""The seed of this run: given, or that of the day, so that a failure can be run again."""

import datetime as dt
import os
from collections.abc import Iterator

import pytest

from tests.fuzz.victims import Exceptions, hurried


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> str:
    """Return what `--seed` or the environment (SEED) says, or the date."""
    given = request.config.getoption("--seed", None) or os.environ.get("SEED")
    found = str(given or dt.datetime.now(dt.UTC).date())
    print(f"SEED={found}")  # noqa: T201  pytest shows it where a test fails
    return found


@pytest.fixture
def exceptions() -> Iterator[Exceptions]:
    """Return what notes the exceptions of clients, which come back without delay meanwhile."""
    with hurried() as noted:
        yield noted
