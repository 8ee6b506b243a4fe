"""The fixture that records exceptions of clients."""

from collections.abc import Iterator

import pytest

from tests.fuzz.victims import Exceptions, hurried


@pytest.fixture
def exceptions() -> Iterator[Exceptions]:
    """Record the exceptions of clients, which reconnect without delay meanwhile."""
    with hurried() as recorded:
        yield recorded
