"""The verbs for accounts, as the command line has them."""

import argparse

from messenger.admin.output import Shown, done, facts, how_many, moment, plain, table
from messenger.admin.secrets import confirm, generated_password, new_password
from messenger.admin.verb_group import page_of
from messenger.language import _
from messenger.sdk.administration import Administration
from messenger.ui.prompts import NoLogin
from messenger.ui.qr import may_show_qr, qr_lines
from messenger.ui.quantities import size
from messenger.ui.server_words import account_state_name, role_name


def list_accounts(server: Administration, options: argparse.Namespace) -> Shown:
    """Show a page of accounts."""
    page = server.accounts(
        options.search,
        filter=options.filter,
        role=options.role,
        online=options.online,
        **page_of(options),
    )
    titles = (
        *(_("Name"), _("Role"), _("State"), _("Online"), _("Devices")),
        *(_("Last login"), _("Address"), _("Messages"), _("Sent")),
    )
    rows = [
        (
            *(one.account_name, role_name(one.role), account_state_name(one.state)),
            *(str(one.sessions or ""), str(one.devices), moment(one.last_login), one.address),
            *(str(one.messages), size(one.bytes)),
        )
        for one in page.accounts
    ]
    return Shown([*table(titles, rows), *how_many(len(rows), page.total)], plain(page))


def show_account(server: Administration, options: argparse.Namespace) -> Shown:
    """Show an account with its devices, rooms and last logins."""
    found = server.account(options.name)
    account = found.account
    assert account is not None
    lines = facts(
        (_("Name"), account.account_name),
        (_("Role"), role_name(account.role)),
        (_("State"), account_state_name(account.state)),
        (_("Created"), moment(account.created)),
        (_("Connections now"), str(account.sessions)),
        (_("Last login"), moment(account.last_login)),
        (_("Address"), account.address),
        (_("Messages"), f"{account.messages} ({size(account.bytes)})"),
        (_("Rooms"), " ".join(found.rooms)),
        (_("Code for a new password until"), moment(found.reset_expires)),
        (_("Invitations that are valid"), str(found.invitations or "")),
    )
    if found.devices:
        titles = (_("Device"), _("Name"), _("Program"), _("Last seen"), _("Address"))
        rows = [
            (one.device, one.name, one.program, moment(one.last_seen), one.address)
            for one in found.devices
        ]
        lines += ["", *table(titles, rows)]
    if found.logins:
        logins = [(moment(one.time), one.address, one.program) for one in found.logins]
        lines += ["", *table((_("Login"), _("Address"), _("Program")), logins)]
    return Shown(lines, plain(found))


def add_account(server: Administration, options: argparse.Namespace) -> Shown:
    """Add an account; a generated password is shown once."""
    name = options.name
    password = (
        generated_password() if options.generate else new_password(name, options.new_password_file)
    )
    words = server.add_account(name, password, role=options.role)
    if not options.generate:
        return done(words)
    shown = _("The password is {password}", password=password)
    return Shown([words, shown], {"done": words, "password": password})


def block(server: Administration, options: argparse.Namespace) -> Shown:
    """Block an account."""
    return done(server.block(options.name))


def unblock(server: Administration, options: argparse.Namespace) -> Shown:
    """Unblock an account."""
    return done(server.unblock(options.name))


def remove(server: Administration, options: argparse.Namespace) -> Shown:
    """Remove an account, once the operator has confirmed it."""
    if not options.yes:
        confirm(
            _(
                "Remove the account {name} for good? Its messages stay with others and its name "
                "stays taken; its devices, keys, contacts and rooms are deleted, its invitations "
                "revoked.",
                name=options.name,
            )
        )
    return done(server.remove(options.name))


def promote(server: Administration, options: argparse.Namespace) -> Shown:
    """Make an account an administrator."""
    return done(server.promote(options.name))


def demote(server: Administration, options: argparse.Namespace) -> Shown:
    """Make an administrator a user."""
    return done(server.demote(options.name))


def reset_password(server: Administration, options: argparse.Namespace) -> Shown:
    """Make a code with which an account gets a new password; it is shown once."""
    made = server.reset_password(options.name)
    words = [
        _("Nothing changes until it is used: once, until {until}.", until=moment(made.expires)),
        _(
            "Give it to {name} in person or by telephone: whoever has it can log in as {name}. "
            "Then all devices log in again, and keep their keys and messages. On a new device "
            "earlier messages appear once the recovery code or another device has approved it.",
            name=options.name,
        ),
    ]
    lines = [made.reset_code, *filter(None, (made.link, made.warning)), "", *words]
    if made.link and may_show_qr():
        lines += ["", *qr_lines(made.link)]
    return Shown(lines, plain(made))


def log_out(server: Administration, options: argparse.Namespace) -> Shown:
    """End the sessions of an account, or of one device."""
    return done(server.log_out(options.name, options.device))


def claim(server: Administration, options: argparse.Namespace) -> Shown:
    """Make the account that is logged in the first administrator."""
    if options.server is None:
        raise NoLogin(
            _(
                "A code is used by an account: add --server ADDR --user NAME. On the server's "
                "machine no code is needed: messenger admin promote NAME"
            )
        )
    return done(server.claim(options.code))
