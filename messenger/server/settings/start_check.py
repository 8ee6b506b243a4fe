"""Checks settings as a start of the server would, without starting it."""

import os
import sys
from collections.abc import Callable

from messenger.language import _
from messenger.server.config import Layers, Settings
from messenger.server.database_check import check as check_database
from messenger.server.engines import loop_factory
from messenger.server.errors import CannotStart
from messenger.server.listener import EVERYWHERE, CannotListen, Listener, of_metrics
from messenger.server.store import database
from messenger.server.store.findings import Finding
from messenger.server.store.location import database_place
from messenger.server.tls import Tls
from messenger.server.used_directory import check_directory


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
    if settings.metrics_port:
        if settings.metrics_port == settings.port and _overlap(settings):
            said = _("metrics_port: port has {port}, too: choose another", port=settings.port)
            raise CannotStart(said)
        try:
            # On any port: the server that runs may have this one.
            Listener(settings.metrics_address, 0).check()
        except CannotListen as error:
            raise of_metrics(error) from error


def check_restart(settings: Settings, used: Settings) -> None:
    """Raise CannotStart for what a start would refuse that follows a server with `used` settings.

    That server still runs: of what it uses, only what is different now is checked, and that its
    directory and its Python are still where they were.
    """
    if settings.data == used.data:
        check_directory(settings)  # a start would make another one
    if not os.access(sys.executable, os.X_OK):
        raise CannotStart(_("There is no {program} any more", program=sys.executable))
    check_start(settings, port_is_free=settings.port not in (0, used.port))
    place = _place(settings)
    if place == _place(used):
        return
    for finding in check_database(place, settings.reading_threads, may_be_new=True):
        if finding.level == "failed":
            raise CannotStart(finding.text)


def _place(settings: Settings) -> str:
    return database_place(settings.database, settings.data)


def _overlap(settings: Settings) -> bool:
    """Tell whether the same port could not be had for clients and for metrics."""
    addresses = {settings.address, settings.metrics_address}
    return len(addresses) == 1 or not addresses.isdisjoint(EVERYWHERE)


def check_layers(read: Callable[[], Layers], *, port_is_free: bool) -> list[Finding]:
    """Return what is right or wrong with the settings, and with their database.

    Nothing is raised, and nothing is changed.
    """
    try:
        layers = read()
        settings = layers.settings()
        check_start(settings, port_is_free=port_is_free)
    except CannotStart as error:
        return [Finding("settings", "failed", str(error))]
    said = (
        _("The settings in {file} are valid", file=layers.path)
        if layers.path.is_file()
        else _("There is no file {file}: the defaults are used", file=layers.path)
    )
    found = check_database(_place(settings), settings.reading_threads, may_be_new=True)
    return [Finding("settings", "ok", said), *found]
