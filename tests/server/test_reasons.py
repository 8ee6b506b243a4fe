"""Every limit and every number constant of the server says why it has its value."""

import ast
from collections.abc import Iterator
from itertools import dropwhile
from pathlib import Path

import pytest

from tests.forking import ROOT

SERVER = ROOT / "messenger" / "server"
MODULES = sorted(path for path in SERVER.rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_number_says_why(module: Path) -> None:
    source = module.read_text("utf-8")

    assert [name for name in numbers(ast.parse(source)) if not is_explained(source, name)] == []


def test_every_limit_says_why() -> None:
    source = (SERVER / "limits.py").read_text("utf-8")
    limits = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    fields = [node.target.id for node in limits.body if isinstance(node, ast.AnnAssign)]

    assert len(fields) > 40
    assert [one for one in fields if not is_explained(source, one)] == []


def numbers(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the constants of a module that are numbers."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            parts = [part for part in ast.walk(node.value) if isinstance(part, ast.expr)]
            if all(isinstance(part, ast.Constant | ast.BinOp) for part in parts) and not any(
                isinstance(part, ast.Constant) and isinstance(part.value, str | bytes)
                for part in parts
            ):
                yield node.targets[0].id


def is_explained(source: str, name: str) -> bool:
    """Tell whether a comment stands beside or before a name, or a docstring behind it.

    Names right below each other share the comment before the first of them.
    """
    lines = [line.strip() for line in source.splitlines()]
    index = next(at for at, line in enumerate(lines) if line.split(" ")[0].rstrip(":") == name)
    if "#" in lines[index] or [*lines, ""][index + 1].startswith('"""'):
        return True
    above = dropwhile(lambda line: line and not line.startswith("#"), lines[index::-1])
    return next(above, "").startswith("#")
