"""Checks settings as a start of the server would, without starting it."""

from messenger.server.config import Settings
from messenger.server.engines import loop_factory
from messenger.server.listener import Listener
from messenger.server.store import database
from messenger.server.tls import Tls


def check_start(settings: Settings, *, port_is_free: bool) -> None:
    """Raise CannotStart for what a start would refuse, apart from the state of the database.

    Pass `port_is_free` false while a server runs with these settings: it has the port. Nothing is
    written, and a server that starts at the same time is not disturbed.
    """
    loop_factory(settings.engine)
    if settings.certificate is not None:  # otherwise the start makes one
        Tls(settings)
    if settings.database:
        database.open_engine(settings.database, settings.reading_threads).dispose()
    # On another port the address can be checked all the same.
    Listener(settings.address, settings.port if port_is_free else 0).check()
