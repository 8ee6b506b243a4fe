"""Whoever gets Messenger gets the licences of all that is in it."""

from messenger.ui.licences import licences


def test_every_package_has_a_licence_with_its_text() -> None:
    found = {one.name: one for one in licences()}

    assert all(one.licence and one.text and one.version for one in found.values())
    assert found["messenger"].licence == "MIT"
    assert {"cryptography", "SQLAlchemy", "vodozemac", "Phosphor Icons"} <= found.keys()


def test_the_licence_of_the_windows_comes_first() -> None:
    names = [one.name for one in licences()]

    assert names[:3] == ["messenger", "PyQt6", "PyQt6-Qt6"]


def test_the_licence_of_the_windows_is_the_gpl() -> None:
    found = {one.name: one for one in licences()}

    assert found["PyQt6"].licence == "GPL-3.0-only"
    assert "GNU GENERAL PUBLIC LICENSE" in found["PyQt6"].text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in found["PyQt6-Qt6"].text
    assert {"zxing-cpp", "QtAwesome", "emoji"} <= found.keys()


def test_tools_of_development_are_not_shipped() -> None:
    assert not {"pytest", "mypy", "ruff"} & {one.name for one in licences()}
