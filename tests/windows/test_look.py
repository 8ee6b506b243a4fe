"""Looks: legible ink on every ground, themes that recolour, fonts and shapes as designed."""

from collections.abc import Iterator
from dataclasses import fields

import pytest
from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QFontInfo, QImage, QPainter
from PyQt6.QtWidgets import QApplication, QComboBox, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from messenger.windows.look.avatars import avatar, initials, name_colour
from messenger.windows.look.fonts import font, metrics
from messenger.windows.look.icons import icon_pixmap
from messenger.windows.look.painting import label, plate, transparent
from messenger.windows.look.theme import Theme, theme
from messenger.windows.look.tokens import (
    AVATARS,
    DARK,
    LIGHT,
    Colours,
    Radius,
    Type,
    Weight,
    contrast,
)
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.buttons import IconButton, PlainButton, PrimaryButton
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.switch import Switch

_LEGIBLE = 4.5
"""What WCAG 2.2 (AA) wants of text."""
_VISIBLE = 3.0
"""What it wants of icons and of borders that mean something."""

_GROUNDS = ("window", "side", "chat", "hover", "chosen", "theirs", "field", "day")
_INK = {
    "text": _GROUNDS,
    "soft": _GROUNDS,
    "link": ("window", "side", "chat", "hover", "chosen", "theirs"),
    "accent": ("window", "side", "hover", "theirs"),
    "bad": ("window", "side", "field", "theirs"),
    "good": ("window", "side", "field", "theirs"),
    "warn": ("window", "side", "field", "theirs"),
    "on_accent": ("accent",),
    "on_mine": ("mine",),
    "mine_soft": ("mine",),
    "on_pill": ("pill",),
    "on_pill_muted": ("pill_muted",),
    "on_select": ("select",),
    "on_select_mine": ("select_mine",),
    "window": ("text",),  # tips
}
"""Text and the grounds that it stands on, by the names of colours."""
_PAIRS = [(ink, ground) for ink, grounds in _INK.items() for ground in grounds]

_NAMES = [f"name {number}" for number in range(200)]


@pytest.fixture(autouse=True)
def _light_again(qapp: QApplication) -> Iterator[None]:
    theme.apply("light")
    yield
    theme.apply("light")


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), _PAIRS)
def test_text_is_legible(colours: Colours, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= _LEGIBLE


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["window", "side", "theirs"])
def test_icons_are_visible(colours: Colours, ground: str) -> None:
    assert contrast(colours.faint, getattr(colours, ground)) >= _VISIBLE


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_selected_text_differs_from_its_bubble(colours: Colours) -> None:
    assert contrast(colours.select, colours.theirs) >= 1.5
    assert contrast(colours.select_mine, colours.mine) >= 1.5


def test_every_colour_is_one() -> None:
    for colours in (LIGHT, DARK):
        for one in fields(colours):
            if one.name != "is_dark":
                assert QColor(getattr(colours, one.name)).name().upper() == getattr(
                    colours, one.name
                )


@pytest.mark.parametrize("colour", AVATARS)
def test_initials_are_legible_on_every_avatar(colour: str) -> None:
    """The ground only gets darker downwards."""
    assert contrast("#FFFFFF", colour) >= _LEGIBLE


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_names_of_senders_are_legible_in_bubbles(choice: str) -> None:
    theme.apply(choice)
    assert min(contrast(name_colour(name), theme.colours.theirs) for name in _NAMES) >= _LEGIBLE
    assert len({name_colour(name) for name in _NAMES}) == len(AVATARS)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("ann", "A"),
        ("Anna Petrova", "AP"),
        ("анна мария ремарк", "АМ"),
        ("#garden", "G"),
        ("#", "#"),
        ("", "?"),
        ("  ", "?"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_avatars_of_rooms_are_square_and_of_people_round(qapp: QApplication) -> None:
    person, room = (avatar(name, 46, 2.0).toImage() for name in ("ann", "#ann"))
    assert person.width() == room.width() == 92
    assert person.pixelColor(10, 10).alpha() < room.pixelColor(10, 10).alpha()


def test_icons_have_the_colour_that_is_asked_for(qapp: QApplication) -> None:
    image = icon_pixmap("lock-simple", "#C6303E", 20, 2.0).toImage()
    inked = [
        image.pixelColor(x, y)
        for x in range(40)
        for y in range(40)
        if image.pixelColor(x, y).alpha() > 250
    ]
    assert inked
    assert {one.name() for one in inked} == {"#c6303e"}


def test_icons_are_drawn_as_qtawesome_draws_them(qapp: QApplication) -> None:
    """The product takes the font from it, and not its code: another version may differ."""
    import qtawesome

    for name in ("lock-simple", "check-bold", "gear-six", "circle-fill"):
        image = transparent(20, 2.0)
        painter = QPainter(image)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        qtawesome.icon(f"ph.{name}", color="#C6303E").paint(painter, QRect(0, 0, 20, 20))
        painter.end()
        assert icon_pixmap(name, "#C6303E", 20, 2.0).toImage() == image


def test_a_theme_that_changes_recolours_what_is_shown(qtbot: QtBot) -> None:
    page = QWidget()
    page.setObjectName("page")
    layout = QVBoxLayout(page)
    for widget in (Switch("On"), IconButton("gear-six", "Settings"), PrimaryButton("Go"),
                   Field("Name"), Banner("Something"), QLabel("text")):  # fmt: skip
        layout.addWidget(widget)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):  # Then one of them has the ring of the keyboard.
        page.show()
    light = page.grab().toImage()
    with qtbot.waitSignal(theme.changed):
        theme.apply("dark")
    qtbot.waitUntil(page.updatesEnabled)
    dark = page.grab().toImage()
    assert _lightness(light) > 0.8
    assert _lightness(dark) < 0.25
    theme.apply("light")
    qtbot.waitUntil(page.updatesEnabled)
    assert page.grab().toImage() == light


def test_a_widget_that_is_gone_does_not_mind_a_change(qtbot: QtBot) -> None:
    made = [Field("Password", secret=True), IconButton("x", "Close"), Banner("Something")]
    for widget in made:
        qtbot.addWidget(widget)
        widget.deleteLater()
    qtbot.waitUntil(lambda: not any(_is_alive(widget) for widget in made))
    theme.apply("dark")  # pytest-qt fails the test for an exception in a slot


def test_auto_follows_the_system(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    one = Theme()
    dark = [True]
    monkeypatch.setattr(one, "_is_dark", lambda: dark[0])
    one.apply("auto")
    assert one.colours is DARK
    dark[0] = False
    with qtbot.waitSignal(one.changed):
        one._system_changed()
    assert one.colours is LIGHT


def test_a_chosen_theme_does_not_follow_the_system(qapp: QApplication) -> None:
    theme.apply("dark")
    theme._system_changed()
    assert theme.colours is DARK


@pytest.mark.parametrize("scale", [0.9, 1.0, 1.5, 2.0])
def test_text_is_scaled(qapp: QApplication, scale: float) -> None:
    theme.apply("light", scale)
    for size in Type:
        assert font(size).pixelSize() == round(size * scale)
    assert metrics(Type.TEXT).height() >= 14 * scale
    shown = QLabel("text")
    shown.ensurePolished()
    assert shown.font().pixelSize() == round(Type.TEXT * scale)
    big = label("text", Type.TEXT).height
    theme.apply("light", 1.0)
    assert label("text", Type.TEXT).height == pytest.approx(big / scale, abs=2)


def test_widgets_and_views_have_the_same_family(qtbot: QtBot) -> None:
    shown = QLabel("text")
    qtbot.addWidget(shown)
    shown.ensurePolished()
    assert QFontInfo(shown.font()).family() == QFontInfo(font()).family()


def test_fonts_are_copies(qapp: QApplication) -> None:
    font(Type.TEXT).setPixelSize(99)
    assert font(Type.TEXT).pixelSize() == Type.TEXT
    assert font(Type.TEXT, Weight.BOLD).weight() == Weight.BOLD


def test_long_text_is_cut_to_its_width(qapp: QApplication) -> None:
    assert label("word " * 100, width=120).width <= 120
    assert "\n" not in label("two\nlines").static.text()


def test_plates_have_the_radii_of_their_corners(qapp: QApplication) -> None:
    image = QImage(80, 60, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    plate(
        painter, QRectF(0, 0, 80, 60), "#2F62D9",
        (Radius.BUBBLE, Radius.BUBBLE, 0, Radius.BUBBLE), 1.0,
    )  # fmt: skip
    painter.end()
    assert image.pixelColor(40, 30).name() == "#2f62d9"
    assert [image.pixelColor(x, y).alpha() > 128 for x, y in ((0, 0), (79, 0), (79, 59))] == [
        *(False, False, True)
    ]


def _lightness(image: QImage) -> float:
    small = image.scaled(32, 32)
    return sum(
        small.pixelColor(x, y).lightnessF() for x in range(small.width()) for y in range(32)
    ) / (small.width() * 32)


def _is_alive(widget: QWidget) -> bool:
    from PyQt6 import sip

    return not sip.isdeleted(widget)


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_list_of_a_box_has_the_colours_of_other_lists(qtbot: QtBot, choice: str) -> None:
    theme.apply(choice)
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["As the system", "Light", "Dark"])
    box.setCurrentIndex(1)
    box.show()
    box.showPopup()
    view = box.view()
    assert view is not None
    qtbot.waitUntil(view.isVisible)
    row = view.visualRect(view.model().index(1, 0))  # type: ignore[union-attr]  # a box has a model
    seen = view.viewport().grab().toImage().pixelColor(row.right() - 20, row.center().y())  # type: ignore[union-attr]  # and a viewport
    assert seen.name().upper() == theme.colours.chosen
    box.hidePopup()


def test_a_button_with_the_keyboard_has_a_border_and_no_second_frame(qtbot: QtBot) -> None:
    theme.apply("light")
    page = QWidget()
    qtbot.addWidget(page)
    layout = QVBoxLayout(page)
    first, button = PlainButton("first"), PlainButton("")
    for one in (first, button):
        layout.addWidget(one)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Tab)  # by the keyboard: Qt draws its frame only then
    qtbot.waitUntil(button.hasFocus)
    seen = button.grab().toImage()
    row = seen.height() // 2
    colours = {seen.pixelColor(x, row).name() for x in range(3, seen.width() - 3)}
    assert colours == {theme.colours.field.lower()}
    assert seen.pixelColor(0, row).name() == theme.colours.accent.lower()
