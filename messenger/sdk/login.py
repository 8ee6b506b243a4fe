"""Logging in, without I/O: by a token, by SCRAM where the link has TLS, or as a guest."""

import platform
from collections.abc import Callable
from typing import Any, NamedTuple

from messenger import __version__
from messenger.crypto import certificates, passwords
from messenger.crypto.scram import Challenge as ScramChallenge
from messenger.crypto.scram import ClientExchange, NotProved
from messenger.jim.accounts import Password, Register
from messenger.jim.errors import (
    BadRequest,
    Conflict,
    LoginTimeout,
    ProtocolError,
    ServerError,
    Stopping,
    WrongPassword,
)
from messenger.jim.session import (
    EPHEMERAL,
    FEATURES,
    VERSION,
    Authenticate,
    Challenge,
    Device,
    Presence,
    Scram,
    User,
    Welcome,
)
from messenger.language import _, own_language
from messenger.sdk.ids import new_id
from messenger.sdk.link import Answer, Ask, OnAnswer
from messenger.sdk.store import Store

_MAX_DEVICE_NAME = 100

TOKEN = "token"  # noqa: S105  the name of a value
"""The value of a store that logs in without the password."""


class Credentials(NamedTuple):
    """Who logs in. Without a password (and token) it is a guest.

    `register` makes the account first; `invite` is the token of an invitation.
    """

    name: str
    password: str | None = None
    register: bool = False
    invite: str | None = None


class LoginEnded(WrongPassword):
    """The login that this computer remembered is worth nothing any more: the password is needed."""


class Login:
    """Says who one is, on every link anew.

    On a link with TLS no password leaves the client: it proves that it knows it, and has the
    server prove the same. A token goes to nobody but the key that has given it: elsewhere the
    password is needed. `by_token` tells how it was on the last link, `as_guest` whether it was
    without either.
    """

    def __init__(self, store: Store, program: str, ask: Ask) -> None:
        self._store = store
        self._ask = ask
        self.by_token = self.as_guest = False
        name = platform.node()[:_MAX_DEVICE_NAME]
        self.device = Device(device_id(store), name, program, __version__)
        self._credentials = Credentials("")
        self._certificate = b""
        self._server = ""
        self._on_done: OnAnswer = _ignore
        self._taken: Conflict | None = None
        self._registered = Credentials("")

    def start(
        self, credentials: Credentials, certificate: bytes, presence: Presence, on_done: OnAnswer
    ) -> None:
        """Log in on a new link; `on_done` gets the welcome, or the error that ends it.

        `certificate` (DER) is the server's where the link has TLS, `presence` what a guest says.
        """
        self._credentials = credentials
        self._certificate = certificate
        self._server = certificates.fingerprint(certificate) if certificate else ""
        self._on_done = on_done
        self._taken = None
        name, password, register, invite = credentials
        self.as_guest = password is None and not self._store.get(TOKEN)
        if register and password is not None and credentials != self._registered:
            self._register(name, password, invite)
        elif password is not None or self._token():
            self._authenticate()
        elif self._store.get(TOKEN):
            on_done(LoginEnded(_("Your login is for another server: log in with your password")))
        else:
            user = User(name, status=presence.user.status)
            greeting = Presence(user=user, **self._greeting)
            self._ask(greeting, self._finish)

    def change_password(self, old: str, new: str, on_answer: OnAnswer) -> None:
        """Change the password of the account that is logged in; `on_answer` gets how it went."""
        name = self._credentials.name
        if not self._certificate:
            self._ask(Password(old=old, new=new), on_answer)
            return
        try:
            passwords.check_policy(new, name)
        except ValueError as error:
            on_answer(BadRequest(str(error)))
            return
        verifier = passwords.make_verifier(new).encode()

        def change(data: str, _renewed: str | None, on_proved: OnAnswer) -> None:
            self._ask(Password(data=data, verifier=verifier), on_proved)

        _Proof(name, old, self._certificate, self._step, change, on_answer).start()

    @property
    def _greeting(self) -> dict[str, Any]:
        """What every greeting says of this client."""
        return {
            "jim": VERSION,
            "features": [*FEATURES],
            "device": self.device,
            "lang": own_language(),
        }

    def _register(self, name: str, password: str, invite: str | None) -> None:
        if not self._certificate:
            user = User(name, password=password)
            self._ask(Register(user=user, invite=invite, lang=own_language()), self._on_registered)
            return
        try:
            passwords.check_policy(password, name)
        except ValueError as error:
            self._on_done(BadRequest(str(error)))
            return
        verifier = passwords.make_verifier(password).encode()
        register = Register(user=User(name), invite=invite, verifier=verifier, lang=own_language())
        self._ask(register, self._on_registered)

    def _on_registered(self, answer: Answer) -> None:
        if isinstance(answer, Conflict):
            # Registered by an earlier try whose answer was lost, perhaps: the password tells.
            self._taken = answer
        elif isinstance(answer, Exception):
            self._on_done(answer)
            return
        else:
            self._registered = self._credentials
        self._authenticate()

    def _authenticate(self) -> None:
        name, password = self._credentials[:2]
        token = self._token()
        self.by_token = token is not None
        if token is None and password is not None and self._certificate:
            _Proof(name, password, self._certificate, self._step, self._prove, self._finish).start()
            return
        user = User(name, token=token, password=None if token else password)
        greeting = Authenticate(user=user, **self._greeting)
        self._ask(greeting, self._finish)

    def _step(self, data: str, on_answer: OnAnswer) -> None:
        self._prove(data, None, on_answer)

    def _prove(self, data: str, renewed: str | None, on_answer: OnAnswer) -> None:
        step = Scram(
            user=User(self._credentials.name), data=data, verifier=renewed, **self._greeting
        )
        self._ask(step, on_answer)

    def _finish(self, answer: Answer) -> None:
        if isinstance(answer, WrongPassword) and self._token():
            self._store.put(TOKEN, None)
            if self._credentials.password is not None:
                self._authenticate()
                return
            answer = LoginEnded(str(answer))
        if isinstance(answer, WrongPassword) and self._taken is not None:
            answer = self._taken
        elif not isinstance(answer, Exception):
            self._registered = self._credentials
        if isinstance(answer, Welcome) and answer.token:
            self._store.put(TOKEN, f"{answer.token} {self._server}")
        self._on_done(answer)

    def _token(self) -> str | None:
        """Return the token that this server has given: a link without TLS has none of one with."""
        token, separated, server = (self._store.get(TOKEN) or "").partition(" ")
        return token if separated and server == self._server else None


class _Proof:
    """One run of SCRAM: `ask` sends its first message, `prove` its last one.

    `prove` also gets a new verifier where the server's is out of date.
    """

    def __init__(
        self,
        name: str,
        password: str,
        certificate: bytes,
        ask: Callable[[str, OnAnswer], None],
        prove: Callable[[str, str | None, OnAnswer], None],
        on_done: OnAnswer,
    ) -> None:
        self._exchange = ClientExchange(name, password, certificate)
        self._password = password
        self._ask = ask
        self._prove = prove
        self._on_done = on_done

    def start(self) -> None:
        self._ask(self._exchange.first(), self._on_challenge)

    def _on_challenge(self, answer: Answer) -> None:
        if not isinstance(answer, Challenge):
            self._on_done(answer)
            return
        cost = answer.time_cost, answer.memory, answer.parallelism
        try:
            proof = self._exchange.final(ScramChallenge(answer.data or "", *cost))
        except NotProved as error:
            self._on_done(_stranger(error))
            return
        renewed = None
        if not passwords.is_current(*cost):
            renewed = passwords.make_verifier(self._password).encode()
        self._prove(proof, renewed, self._on_proved)

    def _on_proved(self, answer: Answer) -> None:
        if isinstance(answer, Challenge):
            try:
                self._exchange.finish(answer.data or "")
            except NotProved as error:
                self._on_done(_stranger(error))
                return
        self._on_done(answer)


def _stranger(error: NotProved) -> ProtocolError:
    """The server does not know the user: it is not the one where the account is."""
    return ProtocolError(
        _("This server does not know your password ({reason}): it is another", reason=error)
    )


def may_pass(error: ProtocolError, *, was_online: bool) -> bool:
    """Tell whether a login that was refused is worth another try with the same credentials."""
    # A guest whose link broke may find that the server has not noticed it yet.
    returning = isinstance(error, Conflict) and was_online
    transient = isinstance(error, Stopping | ServerError | LoginTimeout)
    return returning or transient or error.retry_after is not None


def was_removed(device: str, answer: Answer) -> bool:
    """Tell from the list of one's own devices whether this one was removed, and has come again.

    The server has its keys no more then, but those of another one, which may have removed it.
    """
    keys = {one.device: one.has_keys for one in getattr(answer, "devices", ())}
    return not keys.pop(device, True) and any(keys.values())


def device_id(store: Store) -> str:
    """Return the id of the device that a database is for, made when it is needed first."""
    device = store.get("device")
    if device is None:
        device = (EPHEMERAL if store.is_ephemeral else "") + new_id()
        store.put("device", device)
    return device


def _ignore(_answer: object) -> None:
    """Nobody waits for the answer."""
