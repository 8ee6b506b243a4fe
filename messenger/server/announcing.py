"""Says what starts, and where it listens: in the log, to whoever started it, to its window."""

import logging
from collections.abc import Callable

import msgspec
from sqlalchemy import Engine

from messenger import __version__
from messenger.crypto.certificates import grouped
from messenger.language import _
from messenger.server.app import Server
from messenger.server.config import Settings
from messenger.server.doctor.network import local_place
from messenger.server.listener import Listener
from messenger.server.store import database
from messenger.window_login import WindowLogin

_logger = logging.getLogger("messenger.server")

Announce = Callable[[str], bool]
"""Shows a line; returns whether it could be written."""

OpensWindow = Callable[[WindowLogin], None]
"""Opens the administration window beside the server, without waiting for it."""

_WINDOW_STARTS = 60.0  # seconds: ten times what a slow machine needs to load Qt


def log_settings(settings: Settings, engine: Engine) -> None:
    """Log the version and the settings, which the log's reader cannot know later."""
    where = database.shown(engine)
    _logger.info("Messenger %s; data in %s; database %s", __version__, settings.data, where)
    _logger.info(
        "Registration: %s; guests: %s; connections without TLS: %s",
        *(settings.registration, settings.guests, settings.plain),
    )
    limits = msgspec.structs.asdict(settings.limits)
    _logger.info("Limits: %s", ", ".join(f"{name} {value}" for name, value in limits.items()))
    if not settings.limits_on:
        _logger.warning("Rate limits are off: for tests and benchmarks only")


def announce_server(server: Server, listener: Listener, announce: Announce) -> None:
    """Announce that the server listens, and its key's fingerprint."""
    fingerprint = server.tls.fingerprint
    engine = type(server.loop).__module__
    where = listener.address or "all addresses"  # the log is English
    _logger.info("Listening on port %d of %s (%s)", listener.port, where, engine)
    _logger.info("The fingerprint of the server's key is %s", fingerprint)
    is_written = announce(
        _(
            "Messenger listens on port {port} of {where}",
            port=listener.port,
            where=listener.address or _("all addresses"),
        )
    )
    shown = grouped(fingerprint)
    is_written &= announce(_("The fingerprint of its key is {fingerprint}", fingerprint=shown))
    if code := server.services.claim_code.code:
        is_written &= announce(
            _("There is no administrator yet; the code to become one is {code}", code=code)
        )
    if not is_written:
        _logger.warning("Standard output cannot be written: it is closed, or its disk is full")


def window_login(server: Server) -> WindowLogin:
    """Return what the window beside the server logs in with: once, and soon."""
    token, settings = server.services.window_token, server.services.settings
    place = local_place(settings, settings.port)
    login = WindowLogin(*place, fingerprint=server.tls.fingerprint, token=token.make())
    server.loop.call_later(_WINDOW_STARTS, token.use_up)
    return login
