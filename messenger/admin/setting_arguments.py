"""The arguments of the commands for settings, on this machine or far away."""

import argparse

from messenger.language import _


def add_show_arguments(parser: argparse.ArgumentParser) -> None:
    """Add which settings are shown."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=_("a setting, such as port"))
    parser.add_argument(
        "--changed", action="store_true", help=_("only those that differ from their defaults")
    )


def add_get_arguments(parser: argparse.ArgumentParser) -> None:
    """Add which setting is printed."""
    parser.add_argument("name", metavar="NAME", help=_("a setting, such as port"))


def add_set_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is changed."""
    parser.add_argument(
        "pairs", nargs="*", metavar="NAME VALUE", help=_("settings and their new values")
    )
    parser.add_argument(
        "--default",
        dest="defaults",
        action="append",
        default=[],
        metavar="NAME",
        help=_("remove a setting from the file, so that its default counts"),
    )


def wanted_changes(options: argparse.Namespace) -> dict[str, str | bool | None]:
    """Return the changes that these arguments ask for; raises ValueError if they are not pairs."""
    pairs = options.pairs
    if len(pairs) % 2 or not (pairs or options.defaults):
        raise ValueError(_("Each setting needs a value: name and value alternate"))
    wanted = dict(zip(pairs[::2], pairs[1::2], strict=True)) | dict.fromkeys(options.defaults)
    return {name: _switched(name, value) for name, value in wanted.items()}


def _switched(name: str, value: str | None) -> str | bool | None:
    """Return a switch as TOML has it: in the environment it is on or off."""
    words = {"on": True, "off": False}
    is_switch = name in ("limits_on", "one_session_per_account")
    return words.get(value or "", value) if is_switch else value
