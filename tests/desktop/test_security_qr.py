"""A QR code that is shown can be read, also from a photo that is not quite straight."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QMimeData, QSize, QUrl
from PyQt6.QtGui import QGuiApplication, QImage, QPainter, QTransform
from pytestqt.qtbot import QtBot

from messenger.desktop.security.code_source import CodeSource
from messenger.desktop.security.qr import load_picture, read_codes
from messenger.windows.widgets.qr_code import QrCode, qr_image
from tests.desktop.devices import press
from tests.desktop.people import People, Person

NUMBER = " ".join(f"{group * 7919 % 100_000:05d}" for group in range(1, 13))
TEXTS = st.one_of(
    st.just(NUMBER),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-", min_size=8, max_size=48),
    st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable()),
)


def photo(image: QImage, degrees: float, *, ground: str = "#888888") -> QImage:
    """Return a picture in which the code lies somewhere, turned a little."""
    turned = image.transformed(QTransform().rotate(degrees))
    found = QImage(turned.width() + 211, turned.height() + 97, QImage.Format.Format_ARGB32)
    found.fill(QGuiApplication.palette().color(QGuiApplication.palette().ColorRole.Window))
    found.fill(int(ground.removeprefix("#"), 16) | 0xFF000000)
    painter = QPainter(found)
    painter.drawImage(150, 31, turned)
    painter.end()
    return found


@pytest.mark.usefixtures("qapp")
@given(text=TEXTS, scale=st.integers(4, 8), degrees=st.floats(-12, 12))
def test_what_is_shown_can_be_read(text: str, scale: int, degrees: float) -> None:
    assert read_codes(photo(qr_image(text, scale), degrees)) == [text]


@pytest.mark.usefixtures("qapp")
@given(text=TEXTS)
def test_a_code_is_read_in_any_format_of_pictures(text: str) -> None:
    for form in (
        QImage.Format.Format_RGB888,
        QImage.Format.Format_Mono,
        QImage.Format.Format_RGB32,
    ):
        image = qr_image(text, 5).convertToFormat(form)
        assert read_codes(image) == [text]
    inverted = qr_image(text, 5)
    inverted.invertPixels()
    assert read_codes(inverted) == [text]


@pytest.mark.usefixtures("qapp")
def test_what_is_no_code_is_none() -> None:
    assert read_codes(QImage()) == []
    blank = QImage(7, 5, QImage.Format.Format_RGB32)
    blank.fill(0)
    assert read_codes(blank) == []


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_the_widget_shows_whole_pixels(qtbot: QtBot, ratio: float) -> None:
    shown = QrCode(NUMBER, "a code", side=196)
    qtbot.addWidget(shown)
    shown.resize(QSize(196, 196))
    picture = QImage(QSize(196, 196) * ratio, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    shown.render(picture)
    picture.setDevicePixelRatio(1)

    assert read_codes(picture) == [NUMBER]
    inside = picture.copy(*(int(one * ratio) for one in (20, 20, 156, 156)))
    colours = {inside.pixel(x, y) for x in range(inside.width()) for y in range(inside.height())}
    assert {colour & 0xFFFFFF for colour in colours} == {0, 0xFFFFFF}
    assert shown.accessibleName() == "a code"


# --- where codes come from ----------------------------------------------------------------------


@pytest.fixture
def source(qtbot: QtBot, person: People) -> CodeSource:
    """A source of somebody who need not be online."""
    ann: Person = person("ann", online=False)
    made = CodeSource(ann.bridge)
    qtbot.addWidget(made)
    made.show()
    return made


def picture_file(tmp_path: Path, *texts: str) -> Path:
    file = tmp_path / "код %41.png"
    image = QImage(400 * len(texts), 400, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    for place, text in enumerate(texts):
        painter.drawImage(400 * place, 0, qr_image(text, 6))
    painter.end()
    assert image.save(str(file))
    return file


def test_a_dropped_file_is_read(qtbot: QtBot, source: CodeSource, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(picture_file(tmp_path, NUMBER)))])

    with qtbot.waitSignal(source.found) as found:
        assert source.take(data)
    assert found.args == [NUMBER]


def test_a_pasted_picture_is_read(qtbot: QtBot, source: CodeSource) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    clipboard.setImage(photo(qr_image(NUMBER, 5), 3))

    with qtbot.waitSignal(source.found) as found:
        press(qtbot, source, "Paste")
    assert found.args == [NUMBER]


def test_a_pasted_text_is_the_code(qtbot: QtBot, source: CodeSource) -> None:
    data = QMimeData()
    data.setText(f" {NUMBER}\n")

    with qtbot.waitSignal(source.found) as found:
        assert source.take(data)
    assert found.args == [NUMBER]


def test_what_has_no_code_says_so(qtbot: QtBot, source: CodeSource, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no picture")
    for file in (tmp_path / "text", tmp_path / "missing"):
        assert load_picture(file).isNull()
        with qtbot.waitSignal(source.failed) as failed:
            source.open(file)
        assert "No QR code" in failed.args[0]
    with qtbot.waitSignal(source.failed) as failed:
        source.open(picture_file(tmp_path, NUMBER, "another"))
    assert "several" in failed.args[0]
    assert not source.take(QMimeData())
