"""The overview: figures and plots of a real server, and how long they take to be seen."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from messenger.admin_window.pages import overview
from messenger.admin_window.pages.overview_figures import PLOTS
from messenger.admin_window.plots.card import PlotCard
from messenger.admin_window.plots.lines import Series
from messenger.admin_window.plots.loading import PlotLoader
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import DARK, LIGHT
from tests.admin_window.using import User

Show = Callable[[str], User]


def _drawn(user: User) -> None:
    user.qtbot.waitUntil(lambda: user.page.is_drawn)


def test_figures_and_plots_are_those_of_the_server(window: Show) -> None:
    user = window("overview")
    _drawn(user)
    page = user.page
    assert page.figures[0].figure == "0"  # The operator has no account.
    assert "SQLite" in user.read()
    for plot in page.plots:
        series, begin, end = plot._shown
        assert end - begin == 86_400
        assert len(series.times) > 200
        assert all(begin - 600 <= moment <= end for moment in series.times)
    assert "accounts:" in page.plots[0].accessibleDescription()


def test_a_plot_of_a_new_server_is_no_taller_than_others(qtbot: QtBot, loader: PlotLoader) -> None:
    plot = PlotCard("Online", PLOTS[0].lines(), loader)
    qtbot.addWidget(plot)
    plot.resize(450, 190)
    plot.show()
    plot.show_series(Series([], [[]], 60), 0, 86_400)
    qtbot.waitUntil(lambda: plot.is_drawn)
    assert plot._empty.isVisible()
    assert plot.heightForWidth(450) < 250


@pytest.mark.parametrize(("number", "seconds"), [(0, 3_600), (2, 30 * 86_400), (3, 366 * 86_400)])
def test_other_ranges_are_a_click_away(window: Show, number: int, seconds: int) -> None:
    user = window("overview")
    user.page.spans.button(number).click()
    user.settle()
    _drawn(user)
    _series, begin, end = user.page.plots[0]._shown
    assert end - begin == seconds


def test_figures_are_read_out_by_the_keyboard(window: Show) -> None:
    user = window("overview")
    _drawn(user)
    plot = user.page.plots[2]
    plot.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Home, Qt.Key.Key_Right):
        QTest.keyClick(plot, key)
    assert plot._position == 1
    assert plot._said.isVisible()
    assert plot.accessibleDescription().count("\n") == 2
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert not plot._said.isVisible()


def test_figures_that_come_leave_the_read_out_and_the_zoom(window: Show) -> None:
    user = window("overview")
    _drawn(user)
    plot = user.page.plots[2]
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Home)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    read = plot._moment()
    begin, end = plot._graph._box.viewRange()[0]
    plot._graph._box.setXRange(begin + 3_600, begin + 7_200, padding=0)

    user.page.refresh()
    user.settle()
    _drawn(user)

    assert plot._said.isVisible()
    assert plot.rect().contains(plot._said.geometry()), "also beside a zoom"
    assert plot._moment() == pytest.approx(read, abs=plot._shown[0].step)
    assert plot._graph._box.viewRange()[0] == pytest.approx([begin + 3_600, begin + 7_200])
    user.page.spans.button(0).click()  # Another range ends a zoom.
    user.settle()
    _drawn(user)
    begin, end = plot._graph._box.viewRange()[0]
    assert end - begin == pytest.approx(3_600)


def test_plots_are_painted_when_they_are_shown_again_and_in_another_theme(window: Show) -> None:
    user = window("overview")
    _drawn(user)
    page = user.page
    user.window.show_page("notice")
    user.window.show_page("overview")
    theme.apply("dark")
    _drawn(user)
    user.qtbot.waitUntil(lambda: theme.is_everywhere)
    for plot in page.plots:
        assert plot._graph.widget.isVisible()
        assert plot._graph.widget.backgroundBrush().color().name() == DARK.window.lower()


def test_plots_that_are_not_painted_yet_leave_their_place_empty(window: Show) -> None:
    user = window("overview")
    _drawn(user)
    user.window.show_page("accounts")
    user.settle()
    user.window.repaint()
    user.window.show_page("overview")
    user.window.repaint()
    seen = user.window.screen().grabWindow(user.window.winId()).toImage()
    for plot in user.page.plots[:2]:
        place = QRect(plot._graph.widget.mapTo(user.window, QPoint()), plot._graph.widget.size())
        part = seen.copy(place)
        colours = {part.pixelColor(10, y).name() for y in range(part.height())}
        assert colours == {LIGHT.window.lower()}


def test_figures_stay_in_their_range_until_those_of_another_come(
    window: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = window("overview")
    _drawn(user)
    names: list[str] = []
    monkeypatch.setattr(overview, "file_to_save", lambda _page, _title, name: names.append(name))
    monkeypatch.setattr(user.requests, "ask", lambda *_arguments, **_named: None)  # No answer.
    user.page.spans.button(3).click()
    theme.apply("dark")
    _drawn(user)
    for plot in user.page.plots:
        _series, begin, end = plot._shown
        assert end - begin == 86_400
    user.page.export.click()
    assert names[0].startswith("messenger-day-")


def test_all_figures_are_exported(
    window: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "figures.csv"
    monkeypatch.setattr(overview, "file_to_save", lambda *_arguments: file)
    user = window("overview")
    _drawn(user)
    user.page.export.click()
    user.settle()
    assert user.page.told() == "The figures are in figures.csv."
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 200
    assert {"time_utc", "online", "messages", "p50", "p99", "database_size"} <= set(rows[0])
    assert float(rows[5]["online"]) > 0


def test_a_file_that_cannot_be_written_is_a_sentence(
    window: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "file_to_save", lambda *_arguments: tmp_path)
    user = window("overview")
    _drawn(user)
    user.page.export.click()
    user.settle()
    assert "cannot be written" in user.read()
    user.page.refresh()
    user.settle()
    assert "cannot be written" in user.page.told(), "until its user has read it"
