"""`messenger config certificate`: shows, renews or imports the server's certificate."""

import argparse
import datetime as dt
import time

import msgspec

from messenger.crypto.certificates import grouped
from messenger.files import private_directory
from messenger.language import _, ngettext
from messenger.operating.ending import DONE, given, write_json
from messenger.operating.running_server import check_file, find, reload
from messenger.output import visible, write_error, write_line
from messenger.server.settings import certificate
from messenger.server.settings.certificate import CertificateState
from messenger.server.settings.editor import SettingsEditor

_SETTINGS = ("certificate", "private_key")


def run(options: argparse.Namespace) -> int:
    """Do what the options say, then print the certificate."""
    editor = SettingsEditor(given(options))
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
    rows = (
        (_("file"), found.file),
        (_("fingerprint of the key"), grouped(found.fingerprint)),
        (_("issued for"), ", ".join(found.names)),
        (_("issued by"), _("the server itself") if found.is_own else found.issuer),
        (_("valid until"), dt.datetime.fromtimestamp(found.not_after, dt.UTC).date().isoformat()),
    )
    width = max(len(name) for name, _value in rows)
    for name, value in rows:
        write_line(visible(f"{name:{width}}  {value}"))
    if days < 0:
        write_error(_("It has expired: clients that do not know the key refuse it"))
    elif days < certificate.SOON:
        write_error(
            ngettext(
                "It expires in {count} day: renew it",
                "It expires in {count} days: renew it",
                int(days),
            )
        )
