"""The documentation names what exists: commands, settings, actions, codes, tests."""

import re

import msgspec
import pytest

from messenger.jim.codec import AnyEvent, AnyRequest
from messenger.jim.codes import Code
from messenger.server.config import Settings
from messenger.server.limits import Limits
from messenger.ui.commands import COMMANDS
from messenger.ui.shortcuts import SHORTCUTS
from tests.forking import ROOT


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("page", ["docs/commands.md", "docs/ru/commands.md"])
def test_every_command_and_key_has_a_row(page: str) -> None:
    documented = set(re.findall(r"^\| `/(\w+)", read(page), re.MULTILINE))

    assert documented == set(COMMANDS)
    for key in SHORTCUTS:
        assert f"`{key.label}`" in read(page)


@pytest.mark.parametrize("guide", ["docs/guide.md", "docs/ru/guide.md"])
def test_the_guides_name_only_commands_that_exist(guide: str) -> None:
    assert set(re.findall(r"`/(\w+)", read(guide))) <= set(COMMANDS)


def test_the_russian_guide_has_the_same_parts() -> None:
    def outline(name: str) -> list[str]:
        return [line.split(" ")[0] for line in read(name).splitlines() if re.match("#+ ", line)]

    assert outline("docs/guide.md") == outline("docs/ru/guide.md")


def test_every_setting_is_documented_with_its_default() -> None:
    page = read("docs/operating.md")
    for struct in (Settings, Limits):
        for field in msgspec.structs.fields(struct):
            if field.name == "limits":
                continue
            rows = [line for line in page.splitlines() if line.startswith("| `")]
            row = next((line for line in rows if f"`{field.name}`" in line.split("|")[1]), "")
            assert row, f"{field.name} is not in docs/operating.md"
            if isinstance(field.default, int | float) and not isinstance(field.default, bool):
                number = (
                    int(field.default) if field.default == int(field.default) else field.default
                )
                assert f"`{number}`" in row, row


def test_every_action_and_code_is_in_the_protocol() -> None:
    page = read("docs/protocol.md")
    for struct in (*AnyRequest.__args__, *AnyEvent.__args__):
        tag = struct.__struct_config__.tag
        assert f'"{tag}"' in page or f"`{tag}`" in page, tag
    for code in Code:
        assert re.search(rf"\b{int(code)}\b", page), code


def test_each_promise_of_encryption_names_a_test_that_exists() -> None:
    parts = read("docs/encryption.md").split("## Who learns what")[1]
    rows = [line for line in parts.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.endswith("| its test |")]
    assert len(promises) > 30
    for row in promises:
        file, name = row.rstrip(" |").rsplit("| ", 1)[1].strip("`").split("::")
        assert f"def {name}(" in read(f"tests/{file}"), row


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    prose = read(page).partition("<!-- file map")[0]
    files = set(re.findall(r"`([\w/]+\.(?:py|md|toml))`", prose))
    assert len(files) > 3
    made = {file.relative_to(ROOT).as_posix() for file in (ROOT / "messenger").rglob("*.py")}
    missing = {one for one in files if not (ROOT / one).exists()}
    assert {one for one in missing if not any(file.endswith(f"/{one}") for file in made)} == set()
