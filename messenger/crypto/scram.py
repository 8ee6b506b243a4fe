"""Logins that never send the password: SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677) over Argon2id.

Each side proves that it knows the password (the server: its verifier), and that it is at the end
of this very TLS connection: the proof is bound to the server's certificate (tls-server-end-point,
RFC 5929), so that it is useless to a man in the middle, who has another one.
"""

import hashlib

import msgspec
from cryptography import x509
from scramp import ScramClient, ScramException, ScramMechanism

from messenger.crypto.passwords import Verifier, check_cost, stretch

# The only mechanism, and it has channel binding: nobody can talk the two sides into a weaker one.
MECHANISM = "SCRAM-SHA-256-PLUS"


class NotProved(Exception):
    """The other side does not know the password, or is not at the end of this connection."""


class Challenge(msgspec.Struct, frozen=True):
    """The server's challenge: SCRAM's message, and the cost of stretching the password for it.

    `memory` is in KiB; the salt is SCRAM's.
    """

    data: str
    time: int
    memory: int
    parallelism: int


class ClientExchange:
    """The client's side of one login; `certificate` is the server's, DER."""

    def __init__(self, name: str, password: str, certificate: bytes) -> None:
        self._name = name
        self._password = password
        self._binding = _binding(certificate)
        self._client = self._make("")
        self._first = self._client.get_client_first()
        self._nonce = str(self._client.c_nonce)

    def first(self) -> str:
        """Return the message that begins the exchange."""
        return str(self._first)

    def final(self, challenge: Challenge) -> str:
        """Return the proof; takes some 30 ms. Raises NotProved if the challenge is invalid."""
        try:
            self._client.set_server_first(challenge.data)
            salt = bytes(self._client.salt)
            cost = (challenge.time, challenge.memory, challenge.parallelism)
            # Before anything is computed: a false server chooses the cost.
            check_cost(*cost)
            asked = Verifier(salt, *cost, iterations=0, stored_key=b"", server_key=b"")
            # scramp's client needs the password when it is made: begin again, with the same nonce.
            self._client = self._make(stretch(self._password, asked), self._nonce)
            self._client.get_client_first()
            self._client.set_server_first(challenge.data)
            return str(self._client.get_client_final())
        except (ScramException, ValueError) as error:
            raise NotProved(str(error)) from error

    def finish(self, data: str) -> None:
        """Check that the server knows the verifier; raises NotProved."""
        try:
            self._client.set_server_final(data)
        except ScramException as error:
            raise NotProved(str(error)) from error

    def _make(self, password: str, nonce: str | None = None) -> ScramClient:
        # "-" until the password is stretched, as the salt is not known before. The stretched one is
        # base64, which SASLprep (RFC 4013) leaves as it is.
        return ScramClient(
            [MECHANISM], _username(self._name), password or "-", self._binding, nonce
        )


class ServerExchange:
    """The server's side of one login; `certificate` is that of this connection, DER."""

    def __init__(self, name: str, verifier: Verifier, certificate: bytes) -> None:
        self._verifier = verifier
        known = (verifier.salt, verifier.stored_key, verifier.server_key, verifier.iterations)
        self._server = ScramMechanism(MECHANISM).make_server(
            # The name in the exchange must be that of the request, whose verifier this is.
            lambda username: known if username == _username(name) else None,
            channel_binding=_binding(certificate),
        )

    def first(self, data: str) -> Challenge:
        """Return the answer to the client's first message; raises NotProved if it is invalid."""
        verifier = self._verifier
        try:
            self._server.set_client_first(data)
            said = str(self._server.get_server_first())
        except (ScramException, TypeError, ValueError) as error:
            raise NotProved(str(error)) from error
        return Challenge(said, verifier.time, verifier.memory, verifier.parallelism)

    def final(self, data: str) -> str:
        """Check the proof, and return the server's own; raises NotProved."""
        try:
            self._server.set_client_final(data)
            return str(self._server.get_server_final())
        except (ScramException, TypeError, ValueError) as error:
            raise NotProved(str(error)) from error


def _username(name: str) -> str:
    """Return the name as SCRAM sees it: hexadecimal, which SASLprep (RFC 4013) never alters."""
    return name.encode().hex()


def _binding(certificate: bytes) -> tuple[str, bytes]:
    """Return the channel binding: the certificate's hash, by the algorithm of its signature.

    SHA-256 replaces MD5 and SHA-1 (RFC 5929, 4.1), and is used if the signature names none.
    """
    algorithm = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    name = algorithm.name if algorithm is not None else "sha256"
    name = "sha256" if name in ("md5", "sha1") else name
    return "tls-server-end-point", hashlib.new(name, certificate).digest()
