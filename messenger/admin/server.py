"""The verbs for sessions, rooms, invitations, logins, notices and the audit log."""

import argparse
from collections.abc import Mapping

from messenger.admin.output import Shown, done, facts, how_many, moment, more, plain, table
from messenger.admin.secrets import confirm
from messenger.admin.verb_group import page_of
from messenger.language import _
from messenger.output import write_error
from messenger.sdk.administration import Administration
from messenger.ui.audit_words import act_name, actor_name, change_facts, origin_name


def list_sessions(server: Administration, options: argparse.Namespace) -> Shown:
    """Show a page of the connections."""
    page = server.sessions(options.search, **page_of(options))
    titles = (_("Number"), _("Name"), _("Address"), _("Device"), _("Program"), _("Since"), "TLS")
    rows = [
        (
            *(str(one.number), one.account_name, origin_name(one.address)),
            *(one.device, one.program),
            *(moment(one.since), _("yes") if one.tls else ""),
        )
        for one in page.sessions
    ]
    return Shown([*table(titles, rows), *how_many(len(rows), page.total)], plain(page))


def end_session(server: Administration, options: argparse.Namespace) -> Shown:
    """End one connection."""
    return done(server.end_session(options.number))


def list_rooms(server: Administration, options: argparse.Namespace) -> Shown:
    """Show a page of the open rooms."""
    page = server.rooms(options.search, **page_of(options))
    titles = (
        *(_("Room"), _("Creator"), _("Members"), _("Online"), _("Messages"), _("Encrypted")),
        *(_("Created"), _("Topic")),
    )
    rows = [
        (
            *(one.room, one.creator, str(one.members), str(one.online), str(one.messages)),
            *(_("yes") if one.encrypted else "", moment(one.created), one.topic),
        )
        for one in page.rooms
    ]
    return Shown([*table(titles, rows), *how_many(len(rows), page.total)], plain(page))


def show_room(server: Administration, options: argparse.Namespace) -> Shown:
    """Show a room and its members."""
    found = server.room(options.room)
    room = found.room
    assert room is not None
    lines = facts(
        (_("Room"), room.room),
        (_("Topic"), room.topic),
        (_("Creator"), room.creator),
        (_("Created"), moment(room.created)),
        (_("Members"), str(room.members)),
        (_("Online"), str(room.online)),
        (_("Messages"), str(room.messages)),
        (_("Encrypted"), _("yes") if room.encrypted else _("no")),
    )
    if found.members:
        titles = (_("Name"), _("Online"), _("Banned"))
        rows = [
            (one.account_name, _("yes") if one.online else "", _("yes") if one.banned else "")
            for one in found.members
        ]
        lines += ["", *table(titles, rows)]
    return Shown(lines, plain(found))


def close_room(server: Administration, options: argparse.Namespace) -> Shown:
    """Close a room, once the operator has confirmed it."""
    if not options.yes:
        confirm(_("Close the room {room} for good? All its members leave it.", room=options.room))
    return done(server.close_room(options.room))


def list_invitations(server: Administration, options: argparse.Namespace) -> Shown:
    """Show a page of the usable invitations, or of all."""
    page = server.invitations(all=options.all, offset=options.offset, limit=options.limit)
    titles = (
        *(_("Invitation"), _("Uses left"), _("Created"), _("Expires"), _("Usable")),
        _("Made by"),
    )
    rows = [
        (
            *(one.invitation, str(one.uses_left), moment(one.created), moment(one.expires)),
            *(_("yes") if one.usable else "", one.creator),
        )
        for one in page.invitations
    ]
    return Shown([*table(titles, rows), *how_many(len(rows), page.total)], plain(page))


def make_invitation(server: Administration, options: argparse.Namespace) -> Shown:
    """Make an invitation link; it is shown once."""
    made = server.invite(options.uses, options.days)
    if made.warning and not options.json:
        write_error(made.warning)  # scripts take standard output for the link
    return Shown([made.link], plain(made))


def revoke_invitation(server: Administration, options: argparse.Namespace) -> Shown:
    """Revoke an invitation."""
    return done(server.revoke_invitation(options.invitation))


def list_logins(server: Administration, options: argparse.Namespace) -> Shown:
    """Show logins, the latest first."""
    found = server.logins(
        options.name, address=options.from_address, before=options.before, limit=options.limit
    )
    titles = (_("Time"), _("Name"), _("Address"), _("Program"))
    rows = [(moment(one.time), one.account_name, one.address, one.program) for one in found.logins]
    return Shown([*table(titles, rows), *more(found.next)], plain(found))


def read_audit(server: Administration, options: argparse.Namespace) -> Shown:
    """Show what administrators have done, the latest first."""
    found = server.audit(
        actor=options.actor,
        target=options.target,
        action=options.action,
        before=options.before,
        limit=options.limit,
    )
    titles = (
        _("Time"),
        _("Actor"),
        _("Where from"),
        _("Action"),
        _("Target"),
        _("Before"),
        _("After"),
    )
    rows = [
        (
            *(
                moment(one.time),
                actor_name(one.actor),
                origin_name(one.origin),
                act_name(one.action),
            ),
            *(one.target, _values(one.before), _values(one.after)),
        )
        for one in found.entries
    ]
    return Shown([*table(titles, rows), *more(found.next)], plain(found))


def send_notice(server: Administration, options: argparse.Namespace) -> Shown:
    """Send a notice to everyone."""
    return done(server.notice(options.text))


def _values(values: Mapping[str, object] | None) -> str:
    """Return what was before or after an act, in one line."""
    return "; ".join(f"{name}: {value}" for name, value in change_facts(values or {}))
