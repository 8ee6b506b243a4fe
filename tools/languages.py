"""Brings the catalogues up to date with the program's texts: `make languages`."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from messenger.jim import errors

ROOT = Path(__file__).parent.parent / "messenger"

KEYWORDS = {"_": None, "N_": None, "Phrase": None, "ngettext": (1, 2), "localized": (2,)}
"""Functions and classes whose arguments are texts for users; the server translates its errors."""
KEYWORDS |= {name: None for name in (*vars(errors), "TakenName", "WrongToken") if name[0].isupper()}

_VOLATILE = ("-Date", "Project-Id", "Report-", "Last-", "Language-Team", "Generated-By")


def main() -> None:
    """Extract the texts, update every catalogue, and print the messages to translate."""
    template = Catalog()
    found = extract_from_dir(str(ROOT), keywords=KEYWORDS)
    for _file, _line, text, _comments, context in found:
        template.add(text, context=context)
    for file in ROOT.glob("locales/*/LC_MESSAGES/messenger.po"):
        catalog = read_po(file.open("rb"), locale=file.parts[-3])
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        out = BytesIO()
        write_po(out, catalog, width=100, no_location=True, ignore_obsolete=True)
        file.write_text(_without_volatile_lines(out.getvalue().decode()), "utf-8")
        for message in catalog:
            forms = message.string if message.pluralizable else [message.string]
            if message.id and not (forms and all(forms)):
                print(f"{file.parts[-3]}: {message.id!r}")


def _without_volatile_lines(text: str) -> str:
    """Remove the lines of the header that differ at each run, or are empty of information."""
    head, blank, rest = text.partition("\n\n")
    kept = [
        line
        for line in head.splitlines()
        if not line.startswith("#") and not (line[:1] == '"' and _is_volatile(line))
    ]
    return "\n".join(kept) + blank + rest


def _is_volatile(line: str) -> bool:
    return any(part in line.partition(":")[0] for part in _VOLATILE)


if __name__ == "__main__":
    main()
