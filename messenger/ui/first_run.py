"""The first run: what has to be known of somebody who is new here, and whether it is right."""

import queue
from typing import NamedTuple

from messenger.crypto.passwords import SHORTEST
from messenger.jim.errors import ProtocolError
from messenger.language import N_, _, ngettext
from messenger.sdk.client import Client
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.login import Credentials
from messenger.sdk.password_store import PasswordLocation
from messenger.sdk.server_identity import SERVER_KEY, Encryption
from messenger.sdk.store import Store

_PATIENCE = 15.0
_MAX_ESTIMATED = 64
_STRENGTHS = (N_("very weak"), N_("weak"), N_("fair"), N_("good"), N_("strong"))


class Newcomer(NamedTuple):
    """What a user has said of themselves; without a password they are a guest.

    `remember` is where the password is to be kept, if anywhere; `passphrase` locks what is kept on
    this computer, unless it is empty.
    """

    address: str
    port: int
    credentials: Credentials
    remember: PasswordLocation | None = None
    fingerprint: str | None = None
    passphrase: str = ""


class Strength(NamedTuple):
    """How hard a password is to guess: 0 to 4, and in words."""

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
    from zxcvbn import zxcvbn

    score: int = zxcvbn(password[:_MAX_ESTIMATED], [name])["score"]
    return Strength(score, _(_STRENGTHS[score]))


def introduce(
    newcomer: Newcomer, store: Store, encryption: Encryption = "auto", trust: str | None = None
) -> StateChanged | None:
    """Log in once, and keep in the store what the next login needs.

    `trust` is how the user knows the server, if it is known: by a fingerprint, or an authority.
    Return None, or how it stands where the server was not to be reached. Raises the ProtocolError
    with which it does not let the user in.
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
    )
    if trust is not None:
        client.trust.accept(trust)
    client.on(StateChanged)(states.put)
    client.start()
    try:
        return _outcome(client, states)
    except queue.Empty:
        return StateChanged(ConnectionState.OFFLINE, _("The server does not answer"))
    finally:
        client.close()


def _outcome(client: Client, states: "queue.Queue[StateChanged]") -> StateChanged | None:
    """Wait until it is clear how a login ends; raises queue.Empty if nothing happens."""
    while True:
        change = states.get(timeout=_PATIENCE)
        if change.state is ConnectionState.ONLINE:
            return None
        if change.state is ConnectionState.REFUSED:
            raise change.error or ProtocolError(change.reason)
        if change.state is ConnectionState.OFFLINE:
            if client.core.refusal:  # The server is there, and says why it is not to be.
                raise client.core.error or ProtocolError(client.core.refusal)
            return change
