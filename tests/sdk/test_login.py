"""Logging in without I/O: by a token, by a proof, by a password, as a guest; and the refusals."""

import datetime as dt
from typing import Any

import pytest

from messenger.crypto import certificates, passwords
from messenger.crypto.scram import NotProved, ServerExchange
from messenger.jim.accounts import Password, Register, UseReset
from messenger.jim.base import Reply
from messenger.jim.codec import encode
from messenger.jim.errors import (
    BadRequest,
    Conflict,
    DeviceRemoved,
    Forbidden,
    ProtocolError,
    TooMany,
    WrongCode,
    WrongPassword,
)
from messenger.jim.session import Authenticate, Presence, Scram, ScramReply, Welcome
from messenger.sdk.core import Core
from messenger.sdk.credentials import Credentials
from messenger.sdk.errors import LoginEnded
from messenger.sdk.events import ConnectionState
from messenger.sdk.login import TOKEN, may_pass
from messenger.sdk.store import Store
from tests.sdk.playbook import ME, PlayedServer
from tests.stretching import PASSWORD

WHEN = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)


def certificate() -> bytes:
    """Return the certificate of a new server, DER."""
    made = certificates.make_certificate(certificates.make_key(), "localhost", WHEN)
    return certificates.to_der(made)


CERTIFICATE = certificate()


class ProvingServer(PlayedServer):
    """A server that has a verifier of a password and takes proofs; `seen` is all that it read."""

    def __init__(self, core: Core, known: str = PASSWORD, *, shows: bytes = CERTIFICATE) -> None:
        super().__init__(core)
        self.verifier = passwords.make_verifier(known)
        self.shows = shows
        self.exchange: ServerExchange | None = None
        self.answers[Scram] = self._step
        self.answers[Password] = self._step

    @property
    def seen(self) -> bytes:
        """Everything that the server could read."""
        return b"".join(map(encode, self.requests))

    def _step(self, request: Any) -> Reply | ProtocolError:
        try:
            if self.exchange is None:
                self.exchange = ServerExchange(ME, self.verifier, self.shows)
                asked = self.exchange.first(request.data)
                cost = {"time_cost": asked.time, "memory": asked.memory}
                return ScramReply(200, data=asked.data, parallelism=asked.parallelism, **cost)
            exchange, self.exchange = self.exchange, None
            said = exchange.final(request.data)
        except NotProved:
            return WrongPassword("Wrong password, or no such account")
        return proof(self.welcome(token="the-token", data=said))


def proof(welcome: Welcome) -> ScramReply:
    """Return the last step of SCRAM: a welcome with the server's own proof."""
    return ScramReply(**{name: getattr(welcome, name) for name in Welcome.__struct_fields__})


def proving(
    credentials: Credentials | None = None, store: Store | None = None, **options: Any
) -> ProvingServer:
    """Play a server that takes proofs to a core of Ivan's."""
    credentials = credentials or Credentials(ME, PASSWORD)
    return ProvingServer(Core(store or Store(), credentials, program="tests"), **options)


# --- with TLS ----------------------------------------------------------------------------------


def test_with_tls_the_password_is_proved_and_never_sent() -> None:
    server = proving().connect(CERTIFICATE)

    assert server.core.state is ConnectionState.ONLINE
    assert not server.core.is_guest
    assert PASSWORD.encode() not in server.seen


def test_the_token_is_used_next_time_and_for_this_server_only() -> None:
    server = proving().connect(CERTIFICATE)
    server.core.disconnected()
    server.requests.clear()

    server.connect(CERTIFICATE)
    assert [one.user.token for one in server.asked(Authenticate)] == ["the-token"]
    server.core.disconnected()
    server.shows = certificate()
    server.connect(server.shows)

    assert server.asked(Scram)
    assert b"the-token" not in server.seen


def test_a_token_that_is_worth_nothing_any_more_is_replaced_by_the_password() -> None:
    server = proving().connect(CERTIFICATE)
    server.core.disconnected()
    server.answers[Authenticate] = lambda _: WrongPassword("No such login")

    server.connect(CERTIFICATE)

    assert server.core.state is ConnectionState.ONLINE


def test_without_the_password_the_user_is_asked_for_it_then() -> None:
    store = Store()
    proving(store=store).connect(CERTIFICATE)
    server = proving(Credentials(ME), store)
    server.answers[Authenticate] = lambda _: WrongPassword("No such login")

    server.connect(CERTIFICATE)

    assert isinstance(server.core.error, LoginEnded)
    assert store.get(TOKEN) is None


def test_a_token_of_another_server_is_not_sent_and_the_user_told() -> None:
    store = Store()
    proving(store=store).connect(CERTIFICATE)
    other = proving(Credentials(ME), store, shows=certificate())

    other.connect(other.shows)

    assert isinstance(other.core.error, LoginEnded)
    assert other.requests == []


def test_a_wrong_password_is_refused() -> None:
    server = proving(known="another password").connect(CERTIFICATE)

    assert isinstance(server.core.error, WrongPassword)
    assert server.core.state is ConnectionState.REFUSED


def test_somebody_in_the_middle_gets_no_proof_that_is_worth_anything() -> None:
    """He has a certificate of his own, and passes on what both say."""
    server = proving(shows=certificate()).connect(CERTIFICATE)

    assert isinstance(server.core.error, WrongPassword)


def test_a_name_that_nobody_has_is_refused_at_the_first_step() -> None:
    server = proving()
    server.answers[Scram] = lambda _: WrongPassword("Wrong password, or no such account")

    server.connect(CERTIFICATE)

    assert isinstance(server.core.error, WrongPassword)


def test_a_challenge_that_would_stretch_the_password_too_little_is_refused() -> None:
    server = proving()
    server.answers[Scram] = lambda _: ScramReply(
        200, data="r=x,s=y,i=1", time_cost=1, memory=8, parallelism=1
    )

    server.connect(CERTIFICATE)

    assert "does not know your password" in str(server.core.error)


def test_a_server_that_lets_one_in_without_a_proof_of_its_own_is_another_one() -> None:
    server = proving()
    honest = server.answers[Scram]
    server.answers[Scram] = lambda request: (
        honest(request) if server.exchange is None else proof(server.welcome(data="v=no proof"))
    )

    server.connect(CERTIFICATE)

    assert server.core.state is ConnectionState.REFUSED
    assert "does not know your password" in str(server.core.error)


def test_a_verifier_of_an_older_server_is_replaced() -> None:
    server = proving()
    old = passwords.Verifier(b"0123456789abcdef", 3, 19 * 1024, 1, 4096, b"", b"")
    server.verifier = passwords._with_keys(old, PASSWORD)

    server.connect(CERTIFICATE)

    renewed = [one.verifier for one in server.asked(Scram) if one.verifier]
    assert server.core.state is ConnectionState.ONLINE
    assert [passwords.check(passwords.parse_verifier(one), PASSWORD) for one in renewed] == [True]


def test_a_password_is_changed_without_telling_either() -> None:
    server = proving().connect(CERTIFICATE)
    answers: list[object] = []
    new = "another good password"

    server.core.change_password(PASSWORD, new, answers.append)
    server.run()

    assert isinstance(answers[0], Welcome)
    assert new.encode() not in server.seen
    (request,) = server.asked(Password)
    assert passwords.check(passwords.parse_verifier(request.verifier), new)


def test_a_new_password_that_is_too_weak_is_refused_before_anything_is_sent() -> None:
    server = proving().connect(CERTIFICATE)
    server.requests.clear()
    answers: list[object] = []

    server.core.change_password(PASSWORD, "short", answers.append)

    assert [type(one) for one in answers] == [BadRequest]
    assert server.requests == []


# --- registration ------------------------------------------------------------------------------

NEW = Credentials(ME, PASSWORD, register=True, invite="an invitation")


def test_an_account_is_made_once() -> None:
    server = proving(NEW).connect(CERTIFICATE)
    server.core.disconnected()

    (made,) = server.asked(Register)
    assert (made.invite, made.user.password) == ("an invitation", None)
    server.connect(CERTIFICATE)
    assert server.asked(Register) == []


def test_a_registration_whose_answer_was_lost_is_found_by_the_password() -> None:
    server = proving(NEW)
    server.answers[Register] = lambda _: Conflict("Somebody is called so")

    server.connect(CERTIFICATE)

    assert server.core.state is ConnectionState.ONLINE


def test_a_name_that_somebody_else_has_is_told_as_that_and_not_as_a_wrong_password() -> None:
    server = proving(NEW, known="another password")
    server.answers[Register] = lambda _: Conflict("Somebody is called so")

    server.connect(CERTIFICATE)

    assert isinstance(server.core.error, Conflict)


def test_a_registration_that_is_refused_ends_the_login() -> None:
    server = proving(NEW)
    server.answers[Register] = lambda _: Forbidden("By invitation only")

    server.connect(CERTIFICATE)

    assert isinstance(server.core.error, Forbidden)
    assert server.asked(Scram) == []


def test_a_password_that_is_too_weak_makes_no_account() -> None:
    server = proving(Credentials(ME, "short", register=True)).connect(CERTIFICATE)

    assert isinstance(server.core.error, BadRequest)
    assert server.requests == []


# --- a forgotten password ----------------------------------------------------------------------

RESET = Credentials(ME, PASSWORD, reset_code="ABCD-EFGH")


def test_a_code_sets_the_password_once_without_telling_it() -> None:
    store = Store()
    proving(store=store).connect(CERTIFICATE)  # It leaves a token.
    server = proving(RESET, store)
    server.answers[UseReset] = lambda _: Reply(200)

    server.connect(CERTIFICATE)

    assert server.core.state is ConnectionState.ONLINE
    (used,) = server.asked(UseReset)
    assert (used.account_name, used.code) == (ME, "ABCD-EFGH")
    assert passwords.check(passwords.parse_verifier(used.verifier), PASSWORD)
    assert PASSWORD.encode() not in server.seen
    assert server.asked(Authenticate) == []  # The token was revoked with the old password.
    server.core.disconnected()
    server.requests.clear()
    server.connect(CERTIFICATE)
    assert server.core.state is ConnectionState.ONLINE
    assert server.asked(UseReset) == []


def test_a_wrong_code_is_refused_without_trying_the_password() -> None:
    server = proving(RESET)
    server.answers[UseReset] = lambda _: WrongCode("This code is wrong")

    for _attempt in range(2):
        server.connect(CERTIFICATE)
        assert isinstance(server.core.error, WrongCode)
        assert server.core.state is ConnectionState.REFUSED
        server.core.disconnected()
    assert server.asked(Scram) == []


@pytest.mark.parametrize("known", [PASSWORD, "another password"])
def test_a_code_whose_answer_was_lost_is_found_used_by_the_password(known: str) -> None:
    server = proving(RESET, known=known)
    server.answers[UseReset] = lambda _: None
    server.connect(CERTIFICATE)
    server.core.disconnected()
    server.answers[UseReset] = lambda _: WrongCode("This code is used")

    server.connect(CERTIFICATE)

    if known == PASSWORD:
        assert server.core.state is ConnectionState.ONLINE
    else:
        assert isinstance(server.core.error, WrongCode)


def test_a_code_is_kept_where_the_password_is_too_weak_or_it_is_too_early() -> None:
    weak = proving(Credentials(ME, "short", reset_code="ABCD-EFGH")).connect(CERTIFICATE)
    assert isinstance(weak.core.error, BadRequest)
    assert weak.requests == []
    server = proving(RESET)
    server.answers[UseReset] = lambda _: TooMany("Later", retry_after=5)
    server.connect(CERTIFICATE)
    assert server.core.state is not ConnectionState.REFUSED
    assert server.core.retry_after == 5


# --- without TLS -------------------------------------------------------------------------------


def test_without_tls_the_server_is_told_the_password() -> None:
    server = proving(NEW).connect()
    answers: list[object] = []
    server.answers[Password] = lambda _: ScramReply(200)

    server.core.change_password(PASSWORD, "another good password", answers.append)
    server.run()

    assert [one.user.password for one in server.requests if isinstance(one, Register)] == [PASSWORD]
    greeting = next(one for one in server.requests if isinstance(one, Authenticate))
    assert greeting.user.password == PASSWORD
    assert server.asked(Password)[0].new == "another good password"
    assert isinstance(answers[0], ScramReply)


def test_a_guest_greets_by_a_presence() -> None:
    server = proving(Credentials(ME)).connect()

    assert server.core.is_guest
    assert [one.user.name for one in server.asked(Presence)] == [ME]


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "was_online", "passes"),
    [
        (Conflict("Here already"), True, True),
        (Conflict("Somebody is called so"), False, False),
        (WrongPassword("No"), True, False),
        (Forbidden("No"), True, False),
        (Forbidden("Later", retry_after=5), False, True),
        (DeviceRemoved("Removed"), True, False),
    ],
    ids=repr,
)
def test_what_time_heals_is_tried_again(
    error: ProtocolError, was_online: bool, passes: bool
) -> None:
    assert may_pass(error, was_online=was_online) is passes
