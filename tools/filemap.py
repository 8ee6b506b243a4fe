"""Writes the file map in ARCHITECTURE.md: each module with the first line of its docstring."""

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "ARCHITECTURE.md"
BEGIN = "<!-- file map: made by tools/filemap.py -->"
END = "<!-- end of file map -->"
FOLDERS = ("messenger", "bench", "examples", "tools")


def main() -> int:
    """Write the map; with --check return 1 if it is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if it is out of date"
    )
    arguments = parser.parse_args()
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{before}{BEGIN}\n\n{_map()}\n\n{END}{after}"
    if made == text:
        return 0
    if arguments.check:
        print("The file map in ARCHITECTURE.md is out of date: run python tools/filemap.py")
        return 1
    DOCUMENT.write_text(made, "utf-8")
    return 0


def _map() -> str:
    files = [ROOT / "client.py", ROOT / "server.py"]
    for folder in FOLDERS:
        files += sorted((ROOT / folder).rglob("*.py"))
    return "\n".join(_lines(files))


def _lines(files: list[Path]) -> Iterator[str]:
    yield "| file | what it is for |"
    yield "|---|---|"
    for file in files:
        docstring = ast.get_docstring(ast.parse(file.read_text("utf-8")))
        if not docstring:
            sys.exit(f"{file} has no docstring")
        name = file.relative_to(ROOT).as_posix()
        if "versions/" in name and file.name == "__init__.py":
            continue
        summary = docstring.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        yield f"| `{name.removesuffix('__init__.py')}` | {summary} |"


if __name__ == "__main__":
    sys.exit(main())
