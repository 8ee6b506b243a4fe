"""The seed of this run: given, or that of the day, so that a failure can be run again."""

from collections.abc import Iterator

import pytest

from tests.fuzz.victims import Exceptions, hurried


@pytest.fixture
def exceptions() -> Iterator[Exceptions]:
    """Return what notes the exceptions of clients, which come back without delay meanwhile."""
    with hurried() as noted:
        yield noted
