"""A proof from before a change of the password logs nobody in afterwards, and changes nothing."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine

from messenger.server.store import accounts, database
from messenger.server.store.accounts import Proof, ProofOutdated
from tests.running import PASSWORD, RunningServer, SecureTalker, Talker
from tests.server.test_scram import begin, challenge, log_in, register, step

Names = Callable[[str], str]
CHANGED = "another " + PASSWORD


def change(name: str, port: int) -> None:
    """Change the password, on a connection of its own."""
    with Talker(port) as link:
        assert link.log_in(name)["response"] == 200
        assert link.ask("password", old=PASSWORD, new=CHANGED)["response"] == 200


def test_a_challenge_from_before_the_change_gives_no_session(
    server: RunningServer, name: Names
) -> None:
    ivan = name("Иван")
    with SecureTalker(server.port) as link:
        register(link, ivan)
        exchange, asked = begin(link, ivan, PASSWORD)
        change(ivan, server.port)

        answer = step(link, ivan, exchange.final(challenge(asked)), device={"id": "a/b%41"})

        assert answer["response"] == 408
        assert "token" not in answer
        assert "changed" in answer["error"]
    with SecureTalker(server.port) as link:
        assert log_in(link, ivan)["response"] == 402
        assert log_in(link, ivan, CHANGED)["response"] == 200


@pytest.fixture
def writing(new_engine: Callable[[], Engine]) -> Iterator[Connection]:
    engine = new_engine()
    with database.writer(engine) as connection, connection.begin():
        yield connection
    engine.dispose()


OLD, RENEWED, NEW = ("SCRAM verifier", "the same password, anew", "of another password")


def verifier_of(writing: Connection, name: str) -> str | None:
    found = accounts.find(writing, name)
    return found.verifier if found is not None else None


def test_a_password_checked_before_the_change_is_refused(writing: Connection) -> None:
    """Checking takes a while: it is done before the transaction that relies on it."""
    ivan, other = accounts.create(writing, "Иван", OLD), accounts.create(writing, "名前", OLD)
    proof = Proof(OLD)
    accounts.check_proof(writing, ivan, proof)

    accounts.change_password(writing, ivan, NEW, keep=None, proof=proof)

    with pytest.raises(ProofOutdated):
        accounts.check_proof(writing, ivan, proof)
    with pytest.raises(ProofOutdated):
        accounts.change_password(writing, ivan, "a third one", keep=None, proof=proof)
    assert verifier_of(writing, "Иван") == NEW
    accounts.check_proof(writing, other, proof)


def test_a_verifier_is_renewed_only_where_the_password_is_still_that_one(
    writing: Connection,
) -> None:
    ivan = accounts.create(writing, "Иван", OLD)
    proof = Proof(OLD, renewed=RENEWED)
    accounts.check_proof(writing, ivan, proof)
    assert verifier_of(writing, "Иван") == RENEWED

    accounts.change_password(writing, ivan, NEW, keep=None, proof=Proof(RENEWED))

    for late in (proof, Proof(RENEWED, renewed=RENEWED)):
        with pytest.raises(ProofOutdated):
            accounts.check_proof(writing, ivan, late)
    assert verifier_of(writing, "Иван") == NEW


def log_in_device(writing: Connection, account: int, device_id: str, token: bytes) -> None:
    accepted = accounts.log_in(
        writing,
        account,
        device_id=device_id,
        name="",
        program="",
        address="127.0.0.1",
        token_hash=token,
        max_devices=5,
    )
    assert accepted


def test_a_token_looked_up_before_it_was_revoked_is_refused(writing: Connection) -> None:
    ivan, other = accounts.create(writing, "Иван", OLD), accounts.create(writing, "名前", OLD)
    for device_id, token in (("a", b"1"), ("b", b"2"), ("a/b%41", b"3")):
        log_in_device(writing, ivan, device_id, token)
        accounts.check_proof(writing, ivan, Proof(token_hash=token))
    with pytest.raises(ProofOutdated):
        accounts.check_proof(writing, other, Proof(token_hash=b"1"))

    accounts.change_password(writing, ivan, NEW, keep=b"3", proof=Proof(OLD))
    with pytest.raises(ProofOutdated):
        accounts.check_proof(writing, ivan, Proof(token_hash=b"1"))
    accounts.check_proof(writing, ivan, Proof(token_hash=b"3"))
    accounts.forget_device(writing, ivan, "a/b%41")
    with pytest.raises(ProofOutdated):
        accounts.check_proof(writing, ivan, Proof(token_hash=b"3"))
