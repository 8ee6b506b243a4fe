"""Why a connection ended, in a sentence for its user."""

import errno
import socket
import ssl

import pytest

from messenger.jim.errors import BrokenStream
from messenger.sdk.errors import AnswerTooLarge, NoTls, Unreachable
from messenger.sdk.failures import failure_of
from messenger.sdk.file_errors import DatabaseUnusable


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ssl.SSLError(1, "wrong version number"), "The server does not support TLS"),
        (OSError(errno.ECONNREFUSED, "Connection refused"), "cannot be reached: Connection ref"),
        (OSError("odd"), "cannot be reached: odd"),
        (TimeoutError(), "cannot be reached: TimeoutError"),
        (DatabaseUnusable("The disk is full"), "The disk is full"),
        (AnswerTooLarge(70_000), "larger than 70000 bytes"),
        (BrokenStream("No JSON"), "This is not a Messenger server: No JSON"),
    ],
    ids=repr,
)
def test_what_the_world_does_is_said_and_no_bug(error: Exception, said: str) -> None:
    failure = failure_of(error)

    assert said in str(failure.error)
    assert not failure.bug


def test_of_tls_more_can_be_said() -> None:
    assert isinstance(failure_of(ssl.SSLError(1, "unknown")).error, NoTls)


def test_a_bug_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failure = failure_of(ZeroDivisionError("division by zero"))

    assert failure.bug
    assert "ZeroDivisionError" in str(failure.error)
    assert "division by zero" in caplog.text


@pytest.mark.parametrize(
    ("error", "is_without"),
    [
        (OSError(errno.ENETUNREACH, "Network is unreachable"), True),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), True),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), False),
    ],
)
def test_a_computer_without_a_network_is_recognised(error: OSError, is_without: bool) -> None:
    found = failure_of(error).error

    assert isinstance(found, Unreachable)
    assert found.no_network is is_without
