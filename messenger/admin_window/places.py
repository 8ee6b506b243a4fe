"""Which pages the window has, in the order of the list at the left."""

from collections.abc import Callable
from typing import NamedTuple

from messenger.admin_window.main_window import PageMaker
from messenger.admin_window.navigation import Place
from messenger.admin_window.page import Page
from messenger.admin_window.plots.loading import PlotLoader
from messenger.admin_window.requests import Requests
from messenger.language import N_, _


class _Entry(NamedTuple):
    name: str
    icon_name: str
    words: str
    make: Callable[[Requests, PlotLoader], Page]


def _overview(requests: Requests, loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.overview import OverviewPage

    return OverviewPage(requests, loader)


def _accounts(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.accounts import AccountsPage

    return AccountsPage(requests)


def _sessions(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.sessions import SessionsPage

    return SessionsPage(requests)


def _rooms(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.rooms import RoomsPage

    return RoomsPage(requests)


def _logins(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.logins import LoginsPage

    return LoginsPage(requests)


def _invitations(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.invitations import InvitationsPage

    return InvitationsPage(requests)


def _audit(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.audit import AuditPage

    return AuditPage(requests)


def _notice(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.notice import NoticePage

    return NoticePage(requests)


def _reports(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.reports import ReportsPage

    return ReportsPage(requests)


def _log(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.log import LogPageView

    return LogPageView(requests)


def _settings(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.settings import SettingsPage

    return SettingsPage(requests)


def _backups(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.backups import BackupsPage

    return BackupsPage(requests)


def _doctor(requests: Requests, _loader: PlotLoader) -> Page:
    from messenger.admin_window.pages.doctor import DoctorPage

    return DoctorPage(requests)


_ENTRIES = (
    _Entry("overview", "chart-line", N_("Overview"), _overview),
    _Entry("accounts", "users", N_("Accounts"), _accounts),
    _Entry("sessions", "broadcast", N_("Sessions"), _sessions),
    _Entry("rooms", "hash", N_("Rooms"), _rooms),
    _Entry("logins", "clock-counter-clockwise", N_("Login history"), _logins),
    _Entry("invitations", "envelope-simple", N_("Invitations"), _invitations),
    _Entry("reports", "flag", N_("Reports"), _reports),
    _Entry("audit", "shield-check", N_("Audit"), _audit),
    _Entry("notice", "megaphone", N_("Notice"), _notice),
    _Entry("settings", "gear", N_("Settings"), _settings),
    _Entry("backups", "archive", N_("Backups"), _backups),
    _Entry("log", "file-text", N_("Log"), _log),
    _Entry("doctor", "first-aid-kit", N_("Doctor"), _doctor),
)


def page_makers(requests: Requests, loader: PlotLoader) -> list[PageMaker]:
    """Return the pages of the window; each is imported and made when it is first shown."""
    return [
        PageMaker(
            Place(entry.name, entry.icon_name, _(entry.words)), _maker(entry, requests, loader)
        )
        for entry in _ENTRIES
    ]


def _maker(entry: _Entry, requests: Requests, loader: PlotLoader) -> Callable[[], Page]:
    return lambda: entry.make(requests, loader)
