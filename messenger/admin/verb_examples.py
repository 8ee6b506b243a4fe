"""How the help of each verb of `messenger admin` ends: with examples, and its exit codes."""

from collections.abc import Mapping

from messenger.language import N_, _

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "accounts list": (
        "--online",
        "ann --filter all",
        "--sort bytes --descending --limit 10 --json",
    ),
    "accounts show": ("ann",),
    "accounts add": ("ann --generate", "ann --administrator --new-password-file password.txt"),
    "accounts block": ("eve", "eve --server chat.example.org --user ann"),
    "accounts unblock": ("eve",),
    "accounts remove": ("eve", "eve --yes"),
    "accounts promote": ("ann",),
    "accounts demote": ("ann",),
    "accounts reset-password": ("ann", "ann --json"),
    "accounts logout": ("ann", "ann --device phone"),
    "sessions list": ("--sort since --descending", "192.0.2.7 --json"),
    "sessions end": ("17",),
    "rooms list": ("--sort members --descending",),
    "rooms show": ("'#dev'",),
    "rooms close": ("'#dev'", "'#dev' --yes"),
    "invite list": ("", "--all --json"),
    "invite make": ("--uses 5 --days 2",),
    "invite revoke": ("12",),
    "logins": ("ann", "--from 192.0.2.7 --limit 20"),
    "audit": ("--target eve", "--actor ann --action admin_block --json"),
    "stats": ("--watch", "--range day --json"),
    "backup make": ("", "--server chat.example.org --user ann"),
    "backup list": ("--json",),
    "backup verify": ("", "messenger-20270131-040000Z.tar.gz"),
    "backup restore": ("messenger-20270131-040000Z.tar.gz",),
    "reports list": ("", "--all --json"),
    "reports show": ("3",),
    "reports close": ("3 --note 'Spoken to'",),
    "config show": ("--changed", "registration guests"),
    "config get": ("port",),
    "config set": ("registration invitation limits.rooms 50", "--default guests"),
    "config check": ("", "'postgresql://messenger@db.example/messenger?sslmode=verify-full'"),
    "config certificate": ("", "--renew"),
    "doctor": ("", "--json --server chat.example.org --user ann"),
    "log": ("--lines 20 --level WARNING", "--follow --text ann"),
    "restart": ("", "--yes --server chat.example.org --user ann"),
    "notice": ("'The server stops at five'",),
    "promote": ("ann",),
    "claim": ("AC4H-HFEE-RLOQ-WF3K --server chat.example.org --user ann",),
    "window": ("", "chat.example.org --user ann"),
}
"""Arguments of each verb, by its words: what stands behind `messenger admin` and the verb."""

CODES = N_("0 done, 1 refused by the server, 2 wrong use or no connection")
_CHECKED = N_("0 all is well, 1 refused by the server, 2 something is wrong")
_OWN_CODES = {
    "backup make": N_("0 done, 1 refused by the server, 2 there is no backup"),
    "backup verify": _CHECKED,
    "backup restore": N_("0 restored, 1 refused by the server, 2 the data is as it was"),
    "restart": N_("0 done, 1 refused by the server, 2 it is not back yet"),
    "config check": _CHECKED,
    "doctor": N_("0 all is well, 1 after a warning, 2 something is wrong"),
    "window": N_("0 closed, 2 it cannot be opened"),
}


def ending(verb: str) -> str | None:
    """Return what the help of a verb ends with; None if it is a group of verbs."""
    if verb not in EXAMPLES:
        return None
    lines = [f"  messenger admin {verb} {words}".rstrip() for words in EXAMPLES[verb]]
    codes = _(_OWN_CODES.get(verb, CODES))
    return "\n".join([_("Examples:"), *lines, "", f"{_('Exit codes:')} {codes}"])
