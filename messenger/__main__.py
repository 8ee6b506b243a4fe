"""The command `messenger`: a server, a client, and the operator's tools."""

import argparse
import gc
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from messenger.command_arguments import Programs, Run, make_parser
from messenger.language import _, ngettext
from messenger.output import can_show, fill_closed_streams, visible, write_error, write_line
from messenger.undumpable import forbid_dumps

if TYPE_CHECKING:
    from messenger.desktop.options import Options as DesktopOptions

_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
# At Python's default thresholds the garbage collector takes a fifth of a start, which makes no
# cycles, and 1 µs per message at the server. A screen makes some: the last number is the default.
_GC_THRESHOLDS = (50_000, 20, 10)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0, or 2 if the user has to correct something."""
    gc.set_threshold(*_GC_THRESHOLDS)
    try:
        programs = Programs(
            server=_guarded(_server),
            chat=_chat,
            desktop=_desktop,
            run=_run,
            invite=_guarded(_invite),
            copy=_guarded(_copy),
            check=_guarded(_check),
            admin=_guarded(_admin),
            backup=_guarded(_backup),
        )
        options = make_parser(programs).parse_args(arguments)
        # Another program may call this function, and must not be started anew as this one.
        options.is_process = arguments is None
        code: int = options.run(options)
    except KeyboardInterrupt:  # while modules are loaded
        return _INTERRUPTED
    return code


def _chat(options: argparse.Namespace) -> int:
    from messenger.console import options as console
    from messenger.console import program
    from messenger.start_options import start_from

    # Before any key or password is in memory.
    forbid_dumps()
    try:
        given = console.Options(
            mode=options.mode,
            to=options.to,
            screen=options.screen,
            as_json=options.json,
            events=options.events,
            password_file=options.password_file,
            timeout=options.timeout,
        ).started_as(start_from(options))
        console.check(given)
    except ValueError as error:
        return _complain_of(error)
    return program.run(given)


def _desktop(options: argparse.Namespace) -> int:
    from messenger.windows.platform import Probe

    forbid_dumps()
    probe = Probe()  # Another process: this one goes on meanwhile.
    try:
        make = _checked(options)
    except ValueError as error:
        return _complain_of(error)
    if not (trouble := probe.trouble()):
        from messenger.desktop import program

        return program.run(make, options.data)
    return _chat_instead(options, trouble)


def _checked(options: argparse.Namespace) -> "Callable[[], DesktopOptions]":
    """Return what makes the options of the desktop client; raises ValueError if one is wrong.

    A start without any has nothing to check: its window is shown first, because that needs the
    client library, which takes half a second to load.
    """

    def make() -> "DesktopOptions":
        from messenger.desktop.options import Options
        from messenger.start_options import check_start, start_from

        start = start_from(options)
        check_start(start, options.to)
        return Options(start, options.to, options.password_file, chooses=options.choose)

    unsaid = ("run", "data", "log_level", "encryption", "register", "guest", "choose")
    if all(value is None for name, value in vars(options).items() if name not in unsaid):
        return make
    made = make()
    return lambda: made


def _chat_instead(options: argparse.Namespace, trouble: str) -> int:
    """Say why there is no window; chat in the terminal, if there is one."""
    from messenger.console.options import at_terminal

    if not at_terminal():
        return _complain(f"{trouble}.")
    write_error(visible(f"{trouble}."))
    write_error(_("Starting in the terminal instead."))
    at_once = {"mode": "chat", "screen": True, "json": False, "events": False, "timeout": None}
    return _chat(argparse.Namespace(**{**vars(options), **at_once}))


def _run(options: argparse.Namespace) -> int:
    """Run a server and a client: in a window if there can be one and the terminal is not wanted."""
    forbid_dumps()
    if options.screen is None:
        from messenger.windows.platform import Probe, has_screen, is_installed

        trouble = ""
        if has_screen() and is_installed() and not (trouble := Probe().trouble()):
            from messenger.desktop import program

            return program.run(lambda: _hosting(options), options.data)
        if trouble:
            write_error(visible(f"{trouble}."))
    return _run_at_terminal(options)


def _hosting(options: argparse.Namespace) -> "DesktopOptions":
    from messenger.desktop.options import Options
    from messenger.start_options import check_start, start_from

    start = start_from(options)
    check_start(start._replace(port=start.port or None))  # 0: any free one
    return Options(start, password_file=options.password_file, is_host=True)


def _run_at_terminal(options: argparse.Namespace) -> int:
    from messenger.console import hosting
    from messenger.console import options as console
    from messenger.start_options import start_from

    try:
        given = console.Options(
            screen=options.screen is not False, password_file=options.password_file
        ).started_as(start_from(options))
        console.check(given._replace(port=given.port or None))  # 0: any free one
    except ValueError as error:
        return _complain_of(error)
    return hosting.run(given)


def _server(options: argparse.Namespace) -> int:
    from messenger.server.signals import hold_reloads

    # Before the slow imports: until it is handled, SIGHUP ends the process.
    hold_reloads()
    fill_closed_streams()
    os.umask(0o077)
    from messenger.server.config import load_settings
    from messenger.server.handover import take_handover

    handover = take_handover()
    given = _given(options)
    settings = load_settings(given)
    from messenger.process_restart import can_restart, restart
    from messenger.server.program import run
    from messenger.server.settings.editor import SettingsEditor

    editor = SettingsEditor(given)
    serve = partial(
        run,
        settings,
        stop_at_eof=options.stop_at_eof,
        editor=editor,
        handover=handover if options.is_process and can_restart() else None,
    )
    if options.gui:
        from messenger.admin.companion import Companion

        with Companion(settings.data, options.config, handover.window) as companion:
            following = serve(open_window=companion.opener)
            if following is not None:
                following.handover.window = companion.window
                restart(following, editor)
    elif (following := serve()) is not None:
        restart(following, editor)
    return 0


def _invite(options: argparse.Namespace) -> int:
    from msgspec.structs import replace

    from messenger.server.config import load_settings
    from messenger.server.invitations import check_order, doubt, make_link
    from messenger.server.program import open_database
    from messenger.server.running_state import find_state

    os.umask(0o077)
    settings = load_settings(_given(options))
    running = find_state(settings.data) if options.port is None else None
    if running is not None:
        # It may have been started with another one, or with any free one.
        settings = replace(settings, port=running.port)
    check_order(settings, options.uses, options.days)
    engine = open_database(settings)
    try:
        link = make_link(settings, engine, options.uses, options.days)
    finally:
        engine.dispose()
    if warning := doubt(settings):
        write_error(warning)
    return _show_link(link, options.uses, options.days)


def _copy(options: argparse.Namespace) -> int:
    from messenger.server.database_copy.copying import Progress, copy_database
    from messenger.terminal_progress import TerminalProgress

    os.umask(0o077)
    line = TerminalProgress(sys.stderr)

    def show(progress: Progress) -> None:
        phase = _("Copying") if progress.phase == "copying" else _("Comparing")
        line.show(phase, progress.done, progress.total, progress.table)

    try:
        copied = copy_database(options.source, options.target, show)
    finally:
        line.end()
    write_line(
        ngettext(
            "{count} row was copied; both databases are equal.",
            "{count} rows were copied; both databases are equal.",
            copied,
        )
    )
    return 0


def _check(options: argparse.Namespace) -> int:
    from messenger.server.config import load_settings
    from messenger.server.database_check import check
    from messenger.server.store.location import database_place

    settings = load_settings(_given(options))
    place = options.database or database_place(settings.database, settings.data)
    # A place that was named has to be there; the server's own database is made by its first start.
    findings = check(place, settings.reading_threads, may_be_new=options.database is None)
    words = {"ok": _("ok"), "warning": _("warning"), "failed": _("failed")}
    for finding in findings:
        write_line(visible(f"{words[finding.level]}: {finding.text}"))
    return 2 if any(finding.level == "failed" for finding in findings) else 0


def _admin(options: argparse.Namespace) -> int:
    os.umask(0o077)
    forbid_dumps()
    if options.verb is None:
        from messenger.admin_window.start import start

        return start(options)
    from messenger.admin.program import run

    return run(options)


def _backup(options: argparse.Namespace) -> int:
    from messenger.backup_commands import COMMANDS

    os.umask(0o077)
    return COMMANDS[options.verb](options, _given(options))


def _show_link(link: str, uses: int, days: float) -> int:
    """Print the link; in a terminal also for how many people and until when, and its QR code.

    A script gets nothing but the link.
    """
    if not write_line(link):
        return _complain(_("The link could not be written: standard output is closed or full"))
    if not sys.stdout.isatty():
        return 0
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + days * 24 * 3600))
    write_line(
        ngettext(
            "{count} person can register with this link, until {until}.",
            "{count} people can register with this link, until {until}.",
            uses,
            until=until,
        )
    )
    if can_show("█▀▄", sys.stdout):
        from messenger.ui.qr import qr_lines

        for line in qr_lines(link):
            write_line(line)
    return 0


def _guarded(work: Run) -> Run:
    """Make an operator's command end with a one-line error and exit code 2, whatever it raises."""

    def run(options: argparse.Namespace) -> int:
        from messenger.server.errors import CannotStart

        try:
            return work(options)
        except CannotStart as error:
            option = f" (--{error.setting.replace('_', '-')})" if error.setting else ""
            return _complain(f"{error}{option}")
        except Exception as error:
            return _complain(f"{type(error).__name__}: {error}")

    return run


def _given(options: argparse.Namespace) -> dict[str, object]:
    given = {
        name: getattr(options, name, None)
        for name in ("address", "port", "data", "config", "engine", "log_level")
    }
    limits = getattr(options, "limits", None)
    given["limits_on"] = None if limits is None else limits == "on"
    return given


def _complain_of(error: ValueError) -> int:
    """Tell the user of an option that is wrong, in the words of the user interface."""
    from messenger.ui.errors import explain

    return _complain(explain(error))


def _complain(error: str) -> int:
    logging.getLogger("messenger").error("%s", error)
    write_error(visible(error))
    return 2


if __name__ == "__main__":
    sys.exit(main())
