"""The first run: the data of a new user, and a login that tries whether they are right."""

import queue
from typing import NamedTuple

from messenger.crypto.passwords import SHORTEST
from messenger.language import N_, _, ngettext, own_language
from messenger.sdk.cancelling import cancellable
from messenger.sdk.client import Client
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import NoReply
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.password_store import PasswordLocation
from messenger.sdk.server_identity import SERVER_KEY, Encryption
from messenger.sdk.store import Store

_PATIENCE = 15.0
"""Seconds to wait for the next change of state: more than the time limit for connecting (10 s)."""
_MAX_ESTIMATED = 64
"""Characters of a password that are rated: zxcvbn refuses more than 72."""
_STRENGTHS = (N_("very weak"), N_("weak"), N_("fair"), N_("good"), N_("strong"))


class Newcomer(NamedTuple):
    """The server and account that a new user entered; without a password they are a guest.

    `remember` is where to save the password, None for nowhere; `passphrase` encrypts local data
    unless it is empty. `is_plain`: the server has no TLS, and the network is trusted.
    """

    address: str
    port: int
    credentials: Credentials
    remember: PasswordLocation | None = None
    fingerprint: str | None = None
    passphrase: str = ""
    is_plain: bool = False


class Strength(NamedTuple):
    """How hard a password is to guess: a score from 0 to 4, and its name."""

    score: int
    text: str


def strength(password: str, name: str = "") -> Strength:
    """Estimate how hard the password is to guess, with zxcvbn (USENIX Security 2016)."""
    missing = SHORTEST - len(password)
    if missing > 0:
        said = ngettext(
            "{count} more character at least", "{count} more characters at least", missing
        )
        return Strength(0, said)
    # Its dictionaries take 30 ms to load (measured), which no other start has to wait for.
    from zxcvbn import zxcvbn

    score: int = zxcvbn(password[:_MAX_ESTIMATED], [name])["score"]
    return Strength(score, _(_STRENGTHS[score]))


def introduce(
    newcomer: Newcomer, store: Store, encryption: Encryption = "auto", trust: str | None = None
) -> StateChanged | None:
    """Log in once, and store what the next login needs.

    `trust` is the fingerprint of the server's key, or `authority`, if the user passed one. Return
    None, or the state of the connection if the server could not be reached. Raises the
    ProtocolError with which the server refuses the login, or Cancelled.
    """
    store.put(SERVER_KEY, None)  # An earlier try may have been at another server.
    states: queue.Queue[StateChanged] = queue.Queue()
    client = Client(
        newcomer.address,
        newcomer.port,
        newcomer.credentials,
        store,
        encryption=encryption,
        fingerprint=newcomer.fingerprint,
        language=own_language(),
    )
    if trust is not None:
        client.trust.accept(trust)
    client.on(StateChanged)(states.put)
    # Handlers come first: a state that changes before them would be missed.
    client.start()
    try:
        with cancellable(lambda: states.put(StateChanged(ConnectionState.CLOSED))):
            return _outcome(client, states)
    except queue.Empty:
        return StateChanged(ConnectionState.OFFLINE, NoReply())
    finally:
        client.close()


def _outcome(client: Client, states: "queue.Queue[StateChanged]") -> StateChanged | None:
    """Wait until the login has succeeded or failed; raises queue.Empty if nothing happens."""
    while True:
        change = states.get(timeout=_PATIENCE)
        if change.state is ConnectionState.ONLINE:
            return None
        if change.state is ConnectionState.REFUSED:
            assert change.error is not None
            raise change.error
        if change.state in (ConnectionState.OFFLINE, ConnectionState.CLOSED):
            if client.core.error is not None:  # The server gave a reason before it hung up.
                raise client.core.error
            return change
