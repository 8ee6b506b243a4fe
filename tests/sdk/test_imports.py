"""A program that shows a window first is not kept waiting by what the library needs later."""

import subprocess
import sys

import pytest

HEAVY = (
    "argon2", "asyncio", "cryptography", "filelock", "keyring", "scramp", "sqlalchemy",
    "sqlcipher3", "ssl", "vodozemac",
)  # fmt: skip


def imported_by(statement: str) -> set[str]:
    """Return the modules that are loaded after a statement, in a process of its own."""
    told = f"{statement}\nimport sys\nprint(*sys.modules)"
    # A real interpreter: those of `tests.forking` have imported everything already.
    return set(subprocess.check_output([sys.executable, "-c", told], text=True).split())


@pytest.mark.parametrize(
    "statement",
    [
        "import messenger.sdk",
        "from messenger.sdk import Credentials, MessageReceived, NotOnline, StateChanged",
        "import messenger.sdk.events, messenger.sdk.errors",
        "from messenger.sdk.store import ConversationSummary, StoredMessage",
    ],
)
def test_the_types_of_the_library_need_no_database_and_no_cryptography(statement: str) -> None:
    assert imported_by(statement).isdisjoint(HEAVY)


def test_the_blocking_client_needs_no_other_clients() -> None:
    loaded = imported_by("from messenger.sdk import Client")

    assert "sqlalchemy" in loaded
    assert loaded.isdisjoint({"keyring", "messenger.sdk.aio", "messenger.sdk.bot"})


def test_every_public_name_can_be_imported_and_no_other() -> None:
    told = imported_by("from messenger.sdk import *\nprint('Client' in dir(), 'Store' in dir())")
    assert "True" in told
    assert "False" not in told

    with pytest.raises(ImportError, match="Kellner"):
        exec("from messenger.sdk import Kellner")
    with pytest.raises(ImportError, match="Shop"):
        exec("from messenger.sdk.store import Shop")
