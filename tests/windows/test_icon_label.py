"""Icons in open windows follow the theme."""

from pytestqt.qtbot import QtBot

from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import DARK, LIGHT
from messenger.windows.widgets.icon_label import IconLabel


def colours_of(label: IconLabel) -> set[str]:
    image = label.pixmap().toImage()
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return {
        image.pixelColor(x, y).name().upper()
        for x, y in points
        if image.pixelColor(x, y).alpha() == 255
    }


def test_an_icon_has_the_colour_of_the_theme_also_after_that_has_changed(qtbot: QtBot) -> None:
    theme.apply("light")
    label = IconLabel("shield", size=48, colour="good")
    qtbot.addWidget(label)
    assert LIGHT.good in colours_of(label)

    theme.apply("dark")
    assert DARK.good in colours_of(label)

    label.show_icon("shield", "bad")
    assert DARK.bad in colours_of(label)
    theme.apply("light")
