"""The arguments of `messenger admin`, described in the user's language."""

import argparse
from collections.abc import Callable

from messenger.admin.window import add_window, with_window
from messenger.command_line import CommandLineParser, number, path, whole_number
from messenger.language import _

Verb = Callable[..., object]

EXAMPLES = """{examples}
  messenger admin
  messenger admin chat.example.org --user ann
  messenger admin accounts list --online
  messenger admin accounts add ann --generate
  messenger admin accounts block eve --server chat.example.org --user ann
  messenger admin sessions list --sort since --descending --json
  messenger admin invite make --uses 5 --days 2
  messenger admin audit --target eve
  messenger admin stats --watch

{codes} {meanings}"""

_ACCOUNT_ORDERS = (
    "name", "role", "state", "created", "last_login", "last_seen", "address", "messages", "bytes",
)  # fmt: skip
_SESSION_ORDERS = ("account_name", "address", "program", "since", "idle")
_ROOM_ORDERS = ("room", "creator", "members", "created")


def add_admin_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verbs; each sets `verb` to its function, and `window` has none."""
    # Only here: whoever starts a client need not load them.
    from messenger.admin import accounts, server, stats

    groups = _Group(parser)
    of_accounts = groups.group("accounts", _("list and change accounts"))
    _add_account_verbs(of_accounts)
    of_sessions = groups.group("sessions", _("list and end connections"))
    listing = of_sessions.verb("list", server.list_sessions, _("list the connections"))
    _add_page(listing, _SESSION_ORDERS, "account_name", _("part of a name or an IP address"))
    ending = of_sessions.verb("end", server.end_session, _("end a connection"))
    ending.add_argument("number", type=whole_number, metavar="NUMBER", help=_("as in the list"))
    of_rooms = groups.group("rooms", _("list and close rooms"))
    listing = of_rooms.verb("list", server.list_rooms, _("list the open rooms"))
    _add_page(listing, _ROOM_ORDERS, "room", _("part of a name or a topic"))
    _add_room(of_rooms.verb("show", server.show_room, _("show a room and its members")))
    closing = of_rooms.verb("close", server.close_room, _("close a room for good"))
    _add_room(closing)
    _add_yes(closing)
    of_invitations = groups.group("invite", _("make, list and revoke invitations"))
    _add_invitation_verbs(of_invitations)
    logins = groups.verb("logins", server.list_logins, _("show who has logged in"))
    logins.add_argument("name", nargs="?", default="", metavar="NAME", help=_("of this account"))
    logins.add_argument(
        "--from", dest="from_address", default="", metavar="ADDR", help=_("from this IP address")
    )
    _add_before(logins)
    audit = groups.verb("audit", server.read_audit, _("show what administrators have done"))
    for name in ("actor", "target", "action"):
        audit.add_argument(f"--{name}", default="", metavar="NAME", help=_("of this one only"))
    _add_before(audit)
    figures = groups.verb("stats", stats.show_stats, _("show how the server is doing"))
    figures.add_argument(
        "--range",
        choices=("hour", "day", "month", "year"),
        help=_("with --json: also those of the last hour, day, month or year"),
    )
    figures.add_argument(
        "--watch",
        nargs="?",
        type=_seconds,
        const=5.0,
        metavar="SECONDS",
        help=_("again after so many seconds (5)"),
    )
    notice = groups.verb("notice", server.send_notice, _("write to everyone, as the server"))
    notice.add_argument("text", metavar="TEXT", help=_("what to write"))
    promote = groups.verb("promote", accounts.promote, _("make an account an administrator"))
    _add_name(promote)
    claim = groups.verb("claim", accounts.claim, _("become the first administrator"))
    claim.add_argument("code", metavar="CODE", help=_("what the server has printed at its start"))
    add_window(groups.parser("window", _("open the administration window")))
    if isinstance(parser, CommandLineParser):
        parser.complete_by(lambda words: with_window(words, groups.names))


class _Group:
    """Verbs, or groups of verbs, of a parser."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parsers = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")

    @property
    def names(self) -> list[str]:
        """The names of all verbs and groups."""
        return list(self._parsers.choices or ())

    def parser(self, name: str, summary: str) -> argparse.ArgumentParser:
        """Return the parser of a command that is no verb."""
        added: argparse.ArgumentParser = self._parsers.add_parser(
            name, help=summary, description=summary
        )
        return added

    def group(self, name: str, summary: str) -> "_Group":
        """Return a group of verbs."""
        return _Group(self.parser(name, summary))

    def verb(self, name: str, verb: Verb, summary: str) -> argparse.ArgumentParser:
        """Return the parser of a verb."""
        added = self.parser(name, summary)
        added.set_defaults(verb=verb)
        _add_where(added)
        return added


def _add_account_verbs(group: _Group) -> None:
    from messenger.admin import accounts

    listing = group.verb("list", accounts.list_accounts, _("list accounts"))
    _add_page(listing, _ACCOUNT_ORDERS, "name", _("part of a name or an IP address"))
    listing.add_argument(
        "--filter",
        choices=("present", "active", "blocked", "removed", "all"),
        default="present",
        help=_("only those in this state (present: not removed)"),
    )
    listing.add_argument(
        "--role", choices=("user", "administrator"), help=_("only those with this role")
    )
    where = listing.add_mutually_exclusive_group()
    where.add_argument(
        "--online", action="store_true", default=None, help=_("only those that are online")
    )
    where.add_argument(
        "--offline", dest="online", action="store_false", help=_("only those that are offline")
    )
    _add_name(group.verb("show", accounts.show_account, _("show an account and its devices")))
    adding = group.verb("add", accounts.add_account, _("add an account"))
    _add_name(adding)
    adding.add_argument(
        "--administrator",
        dest="role",
        action="store_const",
        const="administrator",
        default="user",
        help=_("with the role of an administrator"),
    )
    password = adding.add_mutually_exclusive_group()
    password.add_argument(
        "--generate", action="store_true", help=_("with a random password, which is shown")
    )
    password.add_argument(
        "--new-password-file", type=path, metavar="FILE", help=_("file with its password")
    )
    _add_name(group.verb("block", accounts.block, _("log an account out, and keep it out")))
    _add_name(group.verb("unblock", accounts.unblock, _("let a blocked account log in again")))
    removing = group.verb("remove", accounts.remove, _("remove an account for good"))
    _add_name(removing)
    _add_yes(removing)
    _add_name(group.verb("promote", accounts.promote, _("make an account an administrator")))
    _add_name(group.verb("demote", accounts.demote, _("make an administrator a user")))
    resetting = group.verb(
        "reset-password", accounts.reset_password, _("make a code that sets a forgotten password")
    )
    _add_name(resetting)
    ending = group.verb("logout", accounts.log_out, _("end the sessions of an account"))
    _add_name(ending)
    ending.add_argument(
        "--device", default="", metavar="DEVICE", help=_("of this device only, as `show` names it")
    )


def _add_invitation_verbs(group: _Group) -> None:
    from messenger.admin import server

    listing = group.verb("list", server.list_invitations, _("list the usable invitations"))
    listing.add_argument("--all", action="store_true", help=_("those that are used up, too"))
    making = group.verb("make", server.make_invitation, _("create an invitation link"))
    making.add_argument(
        "--uses", type=whole_number, default=1, help=_("how many people can register (1)")
    )
    making.add_argument("--days", type=number, default=7, help=_("days until it expires (7)"))
    revoking = group.verb("revoke", server.revoke_invitation, _("let nobody use an invitation"))
    revoking.add_argument("invitation", metavar="INVITATION", help=_("as in the list"))


def _add_where(parser: argparse.ArgumentParser) -> None:
    """Add which server is meant, and how its answers are shown."""
    parser.add_argument("--json", action="store_true", help=_("one JSON document, for programs"))
    here = parser.add_argument_group(_("on the server's machine"))
    here.add_argument("--data", type=path, help=_("the server's directory"))
    here.add_argument(
        "--config",
        type=path,
        help=_("configuration in TOML (messenger.toml in the data directory)"),
    )
    away = parser.add_argument_group(_("on another machine"))
    away.add_argument("--server", metavar="ADDR", help=_("the server: host or host:port"))
    away.add_argument("--user", metavar="NAME", help=_("the administrator's account"))
    away.add_argument(
        "--password-file", type=path, metavar="FILE", help=_("file with the password")
    )
    away.add_argument(
        "--trust",
        metavar="FINGERPRINT",
        help=_("fingerprint of the server's key, from its operator; or: authority"),
    )


def _add_page(
    parser: argparse.ArgumentParser, orders: tuple[str, ...], order: str, searched: str
) -> None:
    parser.add_argument("search", nargs="?", default="", metavar="SEARCH", help=searched)
    parser.add_argument("--sort", choices=orders, default=order, help=_("sort by this"))
    parser.add_argument("--descending", action="store_true", help=_("the greatest first"))
    parser.add_argument("--offset", type=_count, default=0, help=_("leave out so many (0)"))
    parser.add_argument("--limit", type=_count, default=100, help=_("show so many at most (100)"))


def _add_before(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--before", type=_count, metavar="NUMBER", help=_("only earlier ones"))
    parser.add_argument("--limit", type=_count, default=100, help=_("show so many at most (100)"))


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help=_("name of the account"))


def _add_room(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("room", metavar="ROOM", help=_("its name, such as #team"))


def _add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help=_("without asking"))


def _count(text: str) -> int:
    found = whole_number(text)
    if found < 0:
        raise argparse.ArgumentTypeError(_("a number must not be negative"))
    return found


def _seconds(text: str) -> float:
    found = number(text)
    if not 0.1 <= found <= 86_400:
        raise argparse.ArgumentTypeError(_("between 0.1 and 86400 seconds"))
    return found
