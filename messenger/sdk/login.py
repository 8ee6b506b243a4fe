"""Logging in, without I/O: by a token, by SCRAM over TLS, by a password, or as a guest."""

import platform
from collections.abc import Callable
from typing import Any

from messenger import __version__
from messenger.crypto import certificates, passwords
from messenger.crypto.scram import Challenge, ClientExchange, NotProved
from messenger.jim.accounts import Password, Register, UseReset
from messenger.jim.errors import (
    BadRequest,
    Conflict,
    LoginTimeout,
    ProtocolError,
    ServerError,
    Stopping,
    WrongCode,
    WrongPassword,
)
from messenger.jim.session import (
    EPHEMERAL,
    FEATURES,
    VERSION,
    Authenticate,
    DeviceInfo,
    Presence,
    Scram,
    ScramReply,
    User,
    Welcome,
)
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import LoginElsewhere, LoginEnded, PasswordUnknown
from messenger.sdk.ids import new_id
from messenger.sdk.link import Answer, Ask, OnAnswer
from messenger.sdk.new_password import new_verifier
from messenger.sdk.store import Store

_MAX_DEVICE_NAME = 100

TOKEN = "token"  # noqa: S105  the name of a value
"""The name of the store's value that logs in without the password."""


class Login:
    """Logs in on each new connection.

    Over TLS no password leaves the client: it proves that it knows the password, and the server
    proves that it knows the verifier. A token is sent only to the server key that has issued it:
    elsewhere the password is needed. `by_token` tells whether the last login used a token,
    `as_guest` whether it used neither.
    """

    def __init__(self, store: Store, program: str, ask: Ask, language: str = "en") -> None:
        self._store = store
        self._ask = ask
        self._language = language
        self.by_token = self.as_guest = False
        name = platform.node()[:_MAX_DEVICE_NAME]
        self.device = DeviceInfo(device_id(store), name, program, __version__)
        self._credentials = Credentials("")
        self._certificate = b""
        self._server = ""
        self._on_done: OnAnswer = _ignore
        # What a request before the login was refused with, if the login tells whether it matters.
        self._doubt: ProtocolError | None = None
        self._registered = Credentials("")
        self._sent_code = Credentials("")

    def start(
        self, credentials: Credentials, certificate: bytes, presence: Presence, on_done: OnAnswer
    ) -> None:
        """Log in on a new connection; `on_done` gets the welcome, or the error.

        `certificate` (DER) is the server's, empty without TLS; `presence` is what a guest sends.
        """
        self._credentials = credentials
        self._certificate = certificate
        self._server = certificates.fingerprint(certificate) if certificate else ""
        self._on_done = on_done
        self._doubt = None
        name, password, register, invite, code = credentials
        self.as_guest = password is None and not self._store.get(TOKEN)
        # After a lost connection the account exists, and a second registration would be a conflict;
        # a code would be used up.
        is_first = password is not None and credentials != self._registered
        if register and password is not None and is_first:
            self._register(name, password, invite)
        elif code is not None and password is not None and is_first:
            self._reset_password(name, password, code)
        elif password is not None or self._token():
            self._authenticate()
        elif self._store.get(TOKEN):
            on_done(LoginElsewhere())
        else:
            user = User(name, status=presence.user.status)
            greeting = Presence(user=user, **self._greeting)
            self._ask(greeting, self._finish)

    def change_password(self, old: str, new: str, on_answer: OnAnswer) -> None:
        """Change the account's password; `on_answer` gets the reply or the error."""
        name = self._credentials.name
        # Without TLS there is no certificate to bind a proof to.
        if not self._certificate:
            self._ask(Password(old=old, new=new), on_answer)
            return
        try:
            verifier = new_verifier(name, new)
        except BadRequest as error:
            on_answer(error)
            return

        def change(data: str, _renewed: str | None, on_proved: OnAnswer) -> None:
            self._ask(Password(data=data, verifier=verifier), on_proved)

        Proof(name, old, self._certificate, self._step, change, on_answer).start()

    @property
    def _greeting(self) -> dict[str, Any]:
        """The fields about this client in every login."""
        return {
            "jim": VERSION,
            "features": [*FEATURES],
            "device": self.device,
            "lang": self._language,
        }

    def _register(self, name: str, password: str, invite: str | None) -> None:
        if not self._certificate:
            user = User(name, password=password)
            self._ask(Register(user=user, invite=invite, lang=self._language), self._on_registered)
            return
        try:
            verifier = new_verifier(name, password)
        except BadRequest as error:
            self._on_done(error)
            return
        register = Register(user=User(name), invite=invite, verifier=verifier, lang=self._language)
        self._ask(register, self._on_registered)

    def _on_registered(self, answer: Answer) -> None:
        if isinstance(answer, Conflict):
            # Perhaps registered by an earlier attempt whose reply was lost: logging in tells.
            self._doubt = answer
        elif isinstance(answer, Exception):
            self._on_done(answer)
            return
        else:
            self._registered = self._credentials
        self._authenticate()

    def _reset_password(self, name: str, password: str, code: str) -> None:
        try:
            verifier = new_verifier(name, password)
        except BadRequest as error:
            self._on_done(error)
            return
        reset = UseReset(account_name=name, code=code, verifier=verifier, lang=self._language)
        is_again = self._sent_code == self._credentials
        self._sent_code = self._credentials
        self._ask(reset, lambda answer: self._on_reset(answer, is_again=is_again))

    def _on_reset(self, answer: Answer, *, is_again: bool) -> None:
        if isinstance(answer, WrongCode) and is_again:
            # Perhaps used by an earlier attempt whose reply was lost: logging in tells.
            self._doubt = answer
        elif isinstance(answer, Exception):
            if isinstance(answer, WrongCode):
                self._sent_code = Credentials("")
            self._on_done(answer)
            return
        else:
            self._registered = self._credentials
            self._store.put(TOKEN, None)  # The server has revoked it.
        self._authenticate()

    def _authenticate(self) -> None:
        name, password = self._credentials[:2]
        token = self._token()
        self.by_token = token is not None
        # A token needs no proof: it is random, and only this server key gets it.
        if token is None and password is not None and self._certificate:
            Proof(name, password, self._certificate, self._step, self._prove, self._finish).start()
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
            # An expired token is no wrong password: the saved password may still be right.
            if self._credentials.password is not None:
                self._authenticate()
                return
            answer = LoginEnded(str(answer))
        if isinstance(answer, WrongPassword) and self._doubt is not None:
            answer = self._doubt
        elif not isinstance(answer, Exception):
            self._registered = self._credentials
        if isinstance(answer, Welcome) and answer.token:
            self._store.put(TOKEN, f"{answer.token} {self._server}")
        self._on_done(answer)

    def _token(self) -> str | None:
        """Return the token that this server has issued, if any.

        A token that was issued over TLS is never sent on a plain connection.
        """
        token, separated, server = (self._store.get(TOKEN) or "").partition(" ")
        return token if separated and server == self._server else None


class Proof:
    """One SCRAM exchange (RFC 5802): `ask` sends the first message, `prove` the final one.

    `prove` also gets a new verifier if the server's has outdated parameters.
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
        """Send the first message; `on_done` gets the welcome, or the error."""
        self._ask(self._exchange.first(), self._on_challenge)

    def _on_challenge(self, answer: Answer) -> None:
        if not isinstance(answer, ScramReply):
            self._on_done(answer)
            return
        cost = answer.time_cost, answer.memory, answer.parallelism
        try:
            proof = self._exchange.final(Challenge(answer.data or "", *cost))
        except NotProved as error:
            self._on_done(PasswordUnknown(str(error)))
            return
        renewed = None
        if not passwords.is_current(*cost):
            renewed = passwords.make_verifier(self._password).encode()
        self._prove(proof, renewed, self._on_proved)

    def _on_proved(self, answer: Answer) -> None:
        if isinstance(answer, ScramReply):
            try:
                self._exchange.finish(answer.data or "")
            except NotProved as error:
                self._on_done(PasswordUnknown(str(error)))
                return
        self._on_done(answer)


def may_pass(error: ProtocolError, *, was_online: bool) -> bool:
    """Tell whether a refused login may succeed later with the same credentials."""
    # A guest's connection broke, and the server has not noticed: the name is still in use.
    returning = isinstance(error, Conflict) and was_online
    transient = isinstance(error, Stopping | ServerError | LoginTimeout)
    return returning or transient or error.retry_after is not None


def was_removed(device: str, answer: Answer) -> bool:
    """Tell from the account's device list whether this device was removed, and has logged in again.

    Then the server no longer has its keys, but those of another device, which may have removed it.
    """
    keys = {one.device: one.has_keys for one in getattr(answer, "devices", ())}
    return not keys.pop(device, True) and any(keys.values())


def device_id(store: Store) -> str:
    """Return the id of the database's device; it is created on first use."""
    device = store.get("device")
    if device is None:
        device = (EPHEMERAL if store.is_ephemeral else "") + new_id()
        store.put("device", device)
    return device


def _ignore(_answer: object) -> None:
    """The callback before the first login."""
