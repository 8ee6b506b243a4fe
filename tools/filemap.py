"""Writes what ARCHITECTURE.md takes from the code: the picture of the layers, and the file map.

The picture shows which package imports which; the map has each module with the first sentence of
its docstring.
"""

import argparse
import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "ARCHITECTURE.md"
FOLDERS = ("messenger", "bench", "examples", "tools")


PACKAGES = ("operating", "console", "desktop", "admin", "admin_window", "windows")
PACKAGES += ("ui", "sdk", "server", "jim", "crypto")
BASE = ("log", "verifiers", "language", "files", "output", "unix_sockets", "window_login")


def main() -> int:
    """Write the parts; with --check return 1 if one is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if it is out of date"
    )
    arguments = parser.parse_args()
    before = text = DOCUMENT.read_text("utf-8")
    for name, made in PARTS.items():
        text = _replaced(text, name, made())
    if text == before:
        return 0
    if arguments.check:
        print("ARCHITECTURE.md is out of date: run python tools/filemap.py")
        return 1
    DOCUMENT.write_text(text, "utf-8")
    return 0


def _replaced(text: str, name: str, made: str) -> str:
    begin, end = f"<!-- {name}: made by tools/filemap.py -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{made}\n\n{end}{after}"


def _layers() -> str:
    """Return a diagram (Mermaid) of the packages and of what they import directly."""
    graph = grimp.build_graph("messenger")
    arrows = {
        (_part(module), _part(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    }
    shown = sorted((one, other) for one, other in arrows if one and other and one != other)
    lines = [f"    {one} --> {other}" for one, other in shown]
    return "\n".join(["```mermaid", "graph TD", *lines, "```"])


def _part(module: str) -> str:
    """Return the package that the diagram shows for a module, "" for the programs' modules."""
    name = module.split(".")[1] if "." in module else ""
    return name if name in PACKAGES else "base" if name in BASE else ""


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


PARTS: dict[str, Callable[[], str]] = {"picture of the layers": _layers, "file map": _map}

if __name__ == "__main__":
    sys.exit(main())
