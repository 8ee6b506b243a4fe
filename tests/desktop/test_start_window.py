"""The window that is shown at once says in full what is being done, in every language."""

from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from messenger.desktop.first_run.start_window import StartWindow
from messenger.language import _, use_language
from messenger.windows.look.theme import theme
from tests.desktop.checking import faults


@pytest.fixture(params=["en", "ru"], autouse=True)
def _language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    use_language(request.param)
    yield
    use_language("en")
    theme.apply("light")


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("is_small", [True, False])
def test_what_is_being_done_fits(qtbot: QtBot, scale: float, is_small: bool) -> None:
    theme.apply("light", scale)
    window = StartWindow(is_small=is_small)
    qtbot.addWidget(window)
    window.show()
    window.say(_("Opening your messages…"))
    qtbot.waitUntil(lambda: faults(window) == [])


def test_its_sign_is_a_large_one(qtbot: QtBot) -> None:
    window = StartWindow()
    qtbot.addWidget(window)
    pictures = [one.pixmap() for one in window.findChildren(QLabel)]
    assert max(one.deviceIndependentSize().width() for one in pictures) == 64
