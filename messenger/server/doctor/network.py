"""Checks what clients meet: the port, the public address, the TLS handshake, the certificate."""

import socket
import time
from contextlib import closing

from messenger.crypto.certificates import SOON, grouped
from messenger.language import _
from messenger.server.config import Settings
from messenger.server.doctor.checks import Found, milliseconds
from messenger.server.doctor.round_trip import TIMEOUT, Place, tls_context
from messenger.server.errors import CannotStart
from messenger.server.listener import Listener, reached_at
from messenger.server.public_address import parse_address
from messenger.server.settings import certificate
from messenger.server.settings.certificate import CertificateState
from messenger.system_errors import reason_of


def local_place(settings: Settings, port: int) -> Place:
    """Return where this machine reaches the server."""
    return Place(reached_at(settings.address), port)


def check_port(settings: Settings, place: Place, *, is_running: bool) -> Found:
    """Check that the server answers, or that nobody has its port if it does not run."""
    try:
        began = time.perf_counter()
        socket.create_connection(place, TIMEOUT).close()
        seconds = time.perf_counter() - began
    except OSError as error:
        if not is_running:
            return _check_free(settings)
        return Found(
            "failed",
            _(
                "The server does not answer on port {port} of {host}: {reason}",
                port=place.port,
                host=place.host,
                reason=reason_of(error),
            ),
            _("See its log; restart it"),
        )
    if not is_running:
        return Found(
            "failed",
            _(
                "No server runs in this directory, but another program listens on port {port} of "
                "{host}",
                port=place.port,
                host=place.host,
            ),
            _("Stop that program, or choose another port"),
        )
    return Found(
        "ok",
        _(
            "Port {port} of {host} answers in {time} ms",
            port=place.port,
            host=place.host,
            time=milliseconds(seconds),
        ),
    )


def _check_free(settings: Settings) -> Found:
    try:
        Listener(settings.address, settings.port).check()
    except CannotStart as error:
        return Found("failed", str(error))
    return Found("ok", _("No server runs; port {port} is free", port=settings.port))


def check_public_address(settings: Settings, port: int, fingerprint: str) -> Found:
    """Check that the public address leads to this server, as far as this machine can tell."""
    if not settings.public_address:
        return Found("ok", _("Not set: invitations name the address of this machine"))
    address = parse_address(settings.public_address)
    place = Place(address.host, address.port or port)
    advice = _(
        "Check the DNS record, the router's forwarding and the firewall; some routers do not let "
        "their own network reach the public address"
    )
    try:
        found = handshake(place)
    except OSError as error:
        return Found(
            "warning",
            _(
                "{address} does not answer to this machine: {reason}",
                address=settings.public_address,
                reason=reason_of(error),
            ),
            advice,
        )
    if found.fingerprint != fingerprint:
        said = _("Another server answers at {address}", address=settings.public_address)
        return Found("failed", said, advice)
    return Found("ok", _("{address} leads to this server", address=settings.public_address))


def handshake(place: Place) -> CertificateState:
    """Do a TLS handshake; return the server's certificate. Raises OSError."""
    with (
        closing(socket.create_connection(place, TIMEOUT)) as raw,
        tls_context().wrap_socket(raw) as connection,
    ):
        der = connection.getpeercert(binary_form=True) or b""
    return certificate.describe(der, is_own=False)


def check_tls(settings: Settings, place: Place) -> Found:
    """Check that the handshake succeeds, with the certificate that the settings name."""
    began = time.perf_counter()
    try:
        found = handshake(place)
    except OSError as error:
        return Found(
            "failed",
            _("The TLS handshake fails: {reason}", reason=reason_of(error)),
            _("Another program may listen on this port; see the server's log"),
        )
    seconds = time.perf_counter() - began
    stored = certificate.current(settings)
    if stored is not None and (stored.fingerprint, stored.not_after) != (
        found.fingerprint,
        found.not_after,
    ):
        said = _("The server still uses an older certificate than its file")
        return Found("warning", said, _("Reload or restart the server"))
    return Found(
        "ok",
        _(
            "The TLS handshake takes {time} ms; the key's fingerprint is {fingerprint}",
            time=milliseconds(seconds),
            fingerprint=grouped(found.fingerprint),
        ),
    )


def check_certificate(settings: Settings, now: float) -> Found:
    """Check how long the certificate is valid, and for which name."""
    found = certificate.current(settings)
    if found is None:
        return Found("ok", _("There is no certificate yet: the server's start makes one"))
    days = found.days_left(now)
    day = time.strftime("%Y-%m-%d", time.gmtime(found.not_after))
    if days <= 0:
        # Clients that know the server look at the key only.
        said = _("The certificate has expired")
        advice = _("Renew it: clients that do not know the key refuse the server")
        return Found("warning" if found.is_own else "failed", said, advice)
    if days < SOON:
        said = _("The certificate expires on {day}", day=day)
        return Found("warning", said, _("Renew it, with the same key"))
    host = parse_address(settings.public_address).host if settings.public_address else ""
    if host and not found.is_own and not _fits(host, found.names):
        said = _("The certificate is not for {host}", host=host)
        return Found("warning", said, _("Get one for the public address"))
    return Found("ok", _("The certificate is valid until {day}", day=day))


def _fits(host: str, names: tuple[str, ...]) -> bool:
    parent = host.partition(".")[2]
    known = {name.casefold() for name in names}
    return host in known or bool(parent and f"*.{parent}" in known)


def own_fingerprint(settings: Settings) -> str:
    """Return the fingerprint of the stored certificate's key; empty if there is none."""
    try:
        found = certificate.current(settings)
    except CannotStart:
        return ""
    return found.fingerprint if found is not None else ""
