"""The arguments of `messenger admin`, described in the user's language."""

import argparse
from typing import get_args

from messenger.admin.machine_arguments import add_log_arguments
from messenger.admin.setting_arguments import (
    add_get_arguments,
    add_set_arguments,
    add_show_arguments,
)
from messenger.admin.verb_group import VerbGroup, add_before, add_page, add_rows, add_yes, count
from messenger.admin.window import add_window, with_window
from messenger.command_line import CommandLineParser, number, path, whole_number
from messenger.language import _

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
  messenger admin config set registration invitation limits.rooms 50
  messenger admin backup make --server chat.example.org --user ann
  messenger admin log --follow --level WARNING --server chat.example.org --user ann

{codes} {meanings}"""


def add_admin_arguments(parser: CommandLineParser) -> None:
    """Add the verbs; each sets `verb` to its function, and `window` has none."""
    # Only here: whoever starts a client need not load them.
    from messenger.admin import accounts, machine, restarting, server, stats

    groups = VerbGroup(parser)
    _add_account_verbs(groups.group("accounts", _("list and change accounts")))
    _add_session_verbs(groups.group("sessions", _("list and end connections")))
    _add_room_verbs(groups.group("rooms", _("list and close rooms")))
    _add_invitation_verbs(groups.group("invite", _("make, list and revoke invitations")))
    _add_login_filters(groups.verb("logins", server.list_logins, _("show who has logged in")))
    _add_audit_filters(
        groups.verb("audit", server.read_audit, _("show what administrators have done"))
    )
    _add_figures(groups.verb("stats", stats.show_stats, _("show how the server is doing")))
    _add_backup_verbs(groups.group("backup", _("make, list, verify and restore backups")))
    _add_report_verbs(groups.group("reports", _("list, read and close reports of users")))
    _add_setting_verbs(groups.group("config", _("show, change or check the server's settings")))
    groups.verb(
        "doctor", machine.examine, _("examine the server and its machine, and say what to do")
    )
    add_log_arguments(groups.verb("log", machine.show_log, _("show the server's log")))
    add_yes(groups.verb("restart", restarting.restart_server, _("restart the server")))
    notice = groups.verb("notice", server.send_notice, _("write to everyone, as the server"))
    notice.add_argument("text", metavar="TEXT", help=_("what to write"))
    promote = groups.verb("promote", accounts.promote, _("make an account an administrator"))
    _add_name(promote)
    claim = groups.verb("claim", accounts.claim, _("become the first administrator"))
    claim.add_argument("code", metavar="CODE", help=_("what the server has printed at its start"))
    add_window(groups.parser("window", _("open the administration window")))
    parser.complete_by(lambda words: with_window(words, groups.names))


def _add_account_verbs(group: VerbGroup) -> None:
    from messenger.admin import accounts
    from messenger.sdk.administration.results import AccountOrder

    listing = group.verb("list", accounts.list_accounts, _("list accounts"))
    add_page(listing, get_args(AccountOrder), "name", _("part of a name or an IP address"))
    _add_account_filters(listing)
    _add_name(group.verb("show", accounts.show_account, _("show an account and its devices")))
    _add_new_account(group.verb("add", accounts.add_account, _("add an account")))
    _add_name(group.verb("block", accounts.block, _("log an account out, and keep it out")))
    _add_name(group.verb("unblock", accounts.unblock, _("let a blocked account log in again")))
    removing = group.verb("remove", accounts.remove, _("remove an account for good"))
    _add_name(removing)
    add_yes(removing)
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


def _add_account_filters(listing: argparse.ArgumentParser) -> None:
    from messenger.sdk.administration.results import AccountFilter, Role

    listing.add_argument(
        "--filter",
        choices=get_args(AccountFilter),
        default="present",
        help=_("only those in this state (present: not removed)"),
    )
    listing.add_argument("--role", choices=get_args(Role), help=_("only those with this role"))
    where = listing.add_mutually_exclusive_group()
    where.add_argument(
        "--online", action="store_true", default=None, help=_("only those that are online")
    )
    where.add_argument(
        "--offline", dest="online", action="store_false", help=_("only those that are offline")
    )


def _add_new_account(adding: argparse.ArgumentParser) -> None:
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


def _add_session_verbs(group: VerbGroup) -> None:
    from messenger.admin import server
    from messenger.sdk.administration.results import SessionOrder

    listing = group.verb("list", server.list_sessions, _("list the connections"))
    add_page(listing, get_args(SessionOrder), "account_name", _("part of a name or an IP address"))
    ending = group.verb("end", server.end_session, _("end a connection"))
    ending.add_argument("number", type=whole_number, metavar="NUMBER", help=_("as in the list"))


def _add_room_verbs(group: VerbGroup) -> None:
    from messenger.admin import server
    from messenger.sdk.administration.results import RoomOrder

    listing = group.verb("list", server.list_rooms, _("list the open rooms"))
    add_page(listing, get_args(RoomOrder), "room", _("part of a name or a topic"))
    _add_room(group.verb("show", server.show_room, _("show a room and its members")))
    closing = group.verb("close", server.close_room, _("close a room for good"))
    _add_room(closing)
    add_yes(closing)


def _add_invitation_verbs(group: VerbGroup) -> None:
    from messenger.admin import server

    listing = group.verb("list", server.list_invitations, _("list the usable invitations"))
    listing.add_argument("--all", action="store_true", help=_("those that are used up, too"))
    add_rows(listing)
    making = group.verb("make", server.make_invitation, _("create an invitation link"))
    making.add_argument(
        "--uses", type=whole_number, default=1, help=_("how many people can register (1)")
    )
    making.add_argument("--days", type=number, default=7, help=_("days until it expires (7)"))
    revoking = group.verb("revoke", server.revoke_invitation, _("let nobody use an invitation"))
    revoking.add_argument("invitation", metavar="INVITATION", help=_("as in the list"))


def _add_login_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help=_("of this account"))
    parser.add_argument(
        "--from", dest="from_address", default="", metavar="ADDR", help=_("from this IP address")
    )
    add_before(parser)


def _add_audit_filters(parser: argparse.ArgumentParser) -> None:
    from messenger.ui.audit_words import ACTS

    for name in ("actor", "target"):
        parser.add_argument(f"--{name}", default="", metavar="NAME", help=_("of this one only"))
    parser.add_argument(
        "--action",
        choices=tuple(ACTS),
        default="",
        metavar="ACTION",
        help=_("only those acts, as --json names them"),
    )
    add_before(parser)


def _add_figures(parser: argparse.ArgumentParser) -> None:
    from messenger.sdk.administration.results import Range

    parser.add_argument(
        "--range",
        choices=get_args(Range),
        help=_("with --json: also those of the last hour, day, month or year"),
    )
    parser.add_argument(
        "--watch",
        nargs="?",
        type=_seconds,
        const=5.0,
        metavar="SECONDS",
        help=_("again after so many seconds (5)"),
    )


def _add_backup_verbs(group: VerbGroup) -> None:
    from messenger.admin import backups, restarting

    making = group.verb("make", backups.make_backup, _("back up everything, as the server"))
    group.verb("list", backups.list_backups, _("list the server's backups"))
    verifying = group.verb(
        "verify", backups.verify_backup, _("check a backup by restoring it aside")
    )
    verifying.add_argument(
        "backup", nargs="?", default="", metavar="BACKUP", help=_("as in the list (the newest)")
    )
    restoring = group.verb(
        "restore", restarting.restore_backup, _("go back to a backup; the server starts anew")
    )
    restoring.add_argument("backup", metavar="BACKUP", help=_("as in the list"))
    add_yes(restoring)
    restoring.set_defaults(alone=restarting.restore_here)
    elsewhere = _("To restore one elsewhere: messenger backup restore --help")
    making.epilog = f"{elsewhere}\n\n{making.epilog}"


def _add_report_verbs(group: VerbGroup) -> None:
    from messenger.admin import reports

    listing = group.verb("list", reports.list_reports, _("list the open reports"))
    which = listing.add_mutually_exclusive_group()
    which.add_argument("--closed", action="store_true", help=_("the closed ones instead"))
    which.add_argument("--all", action="store_true", help=_("the closed ones, too"))
    add_before(listing)
    showing = group.verb("show", reports.show_report, _("show a report with its messages"))
    closing = group.verb("close", reports.close_report, _("close a report"))
    for parser in (showing, closing):
        parser.add_argument("number", type=count, metavar="NUMBER", help=_("as in the list"))
    closing.add_argument(
        "--note", default="", metavar="TEXT", help=_("what was done, for the audit log")
    )
    closing.add_argument(
        "--others", action="store_true", help=_("and all other open ones about the same")
    )


def _add_setting_verbs(group: VerbGroup) -> None:
    from messenger.admin import settings

    showing = _("show all settings with their sources, or more about some of them")
    add_show_arguments(group.verb("show", settings.show_settings, showing))
    getting = _("print the value of a setting, for scripts")
    add_get_arguments(group.verb("get", settings.get_setting, getting))
    changing = _("change settings, once they are known to be right")
    add_set_arguments(group.verb("set", settings.change_settings, changing))
    checking = group.verb(
        "check", settings.check_settings, _("check whether a server can start with the settings")
    )
    checking.add_argument(
        "database",
        nargs="?",
        default="",
        metavar="DATABASE",
        help=_("or on this database: postgresql://user@host/name"),
    )
    certificate = group.verb(
        "certificate", settings.show_certificate, _("show or renew the server's certificate")
    )
    certificate.add_argument(
        "--renew", action="store_true", help=_("make a new one for the same key, for ten years")
    )


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help=_("name of the account"))


def _add_room(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("room", metavar="ROOM", help=_("its name, such as #team"))


def _seconds(text: str) -> float:
    found = number(text)
    if not 0.1 <= found <= 86_400:
        raise argparse.ArgumentTypeError(_("between 0.1 and 86400 seconds"))
    return found
