"""Fixtures: people before an interface that remembers, at the server of these tests."""

from pathlib import Path

import pytest

from tests.in_process import InProcessClient, Users
from tests.sdk.person import Names
from tests.ui.answers import Answering
from tests.ui.online import At, Online


@pytest.fixture(scope="module")
def shared_ivan(shared_user: Users) -> InProcessClient:
    return shared_user("Иван")


@pytest.fixture(scope="module")
def shared_bob(shared_user: Users) -> InProcessClient:
    return shared_user("名前/%41")


@pytest.fixture
def ivan(shared_ivan: InProcessClient, tmp_path: Path) -> Online:
    """Somebody before an interface of the test's own, whose account other tests use, too."""
    return Online(tmp_path / "ivan", shared_ivan)


@pytest.fixture
def bob(shared_bob: InProcessClient, at: "At") -> Online:
    """Another one."""
    return at(shared_bob)


@pytest.fixture
def ann(user: Users, name: Names, at: "At") -> Online:
    """Somebody whose account no other test uses."""
    return at(user(name("ann")))


@pytest.fixture
def at(tmp_path: Path) -> At:
    """Put people before an interface: `at(client, agrees=True)`."""
    return lambda client, *answers, **how: Online(
        tmp_path / client.name.replace("/", "_"), client, Answering(answers, **how)
    )
