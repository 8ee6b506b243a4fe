"""`messenger config certificate`: shows, renews or imports the server's certificate."""

import argparse
import datetime as dt
import time

import msgspec

from messenger.admin.setting_lines import certificate_lines
from messenger.command_line import settings_files
from messenger.files import private_directory
from messenger.language import _
from messenger.operating.ending import DONE, write_json
from messenger.operating.running_server import check_file, find, reload
from messenger.output import visible, write_error, write_line
from messenger.sdk.administration.results import Certificate
from messenger.server.settings import certificate
from messenger.server.settings.certificate import CertificateState
from messenger.server.settings.editor import SettingsEditor
from messenger.ui.certificate_words import expiry_warning

_SETTINGS = ("certificate", "private_key")


def run(options: argparse.Namespace) -> int:
    """Do what the options say, then print the certificate."""
    editor = SettingsEditor(settings_files(options))
    settings = editor.layers().settings()
    code = DONE
    before = certificate.current(settings)
    if options.renew or options.new_key:
        private_directory(settings.data)
        certificate.make(settings, new_key=options.new_key)
        code = _reload(options)
    elif options.files:
        now = dt.datetime.now(dt.UTC)
        chain, key = options.files
        copies = certificate.import_files(chain, key, settings, now)
        server = find(options)
        check_file(server, editor.path)
        port = server.state.port if server.state is not None else None
        editor.change(dict(zip(_SETTINGS, map(str, copies), strict=True)), port)
        code = _reload(options)
    found = certificate.current(editor.layers().settings())
    _show(options, found)
    if before is not None and found is not None and before.fingerprint != found.fingerprint:
        said = _("The key is another one: clients refuse the server until they trust the new key")
        write_error(said)
    return code


def _reload(options: argparse.Namespace) -> int:
    reloaded = reload(find(options), _SETTINGS)
    if reloaded.problem:
        write_error(visible(reloaded.problem))
    elif reloaded.later == "restart" and not reloaded.names:
        write_error(_("Restart the server for: {names}", names=", ".join(_SETTINGS)))
    return reloaded.code


def _show(options: argparse.Namespace, found: CertificateState | None) -> None:
    if found is None:
        write_error(_("There is no certificate yet: the server's start makes one"))
        return
    days = found.days_left(time.time())
    if options.json:
        write_json(msgspec.structs.asdict(found) | {"days_left": round(days, 2)})
        return
    shown = Certificate(200, **msgspec.structs.asdict(found))
    for line in certificate_lines(shown):
        write_line(line)
    if warning := expiry_warning(shown.not_after):
        write_error(warning)
