"""The desktop client, which measures itself: `python -m bench.desktop_script`, for `bench.desktop`.

Arguments: when it was started (monotonic time), how many conversations there are, how many messages
of a storm to wait for (0: none, and end when online), a conversation to open, the client's options.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

from bench.gui_thread import Heartbeat, percentile
from messenger.windows.application import make_application

_LOOK = 5  # ms between looks whether a step may begin
_FRAME = 1 / 60
_STEPS = (16, 120, 900)  # pixels: slowly, a notch of the wheel, a fling
_FRAMES = 150
_SILENCE = 6.0  # seconds after which nothing follows from a login or a storm any more
_IDLE = 10.0

Until = Callable[[], bool]
Steps = Generator[Until, None, None]


class Painted(QObject):
    """Notes when a widget was painted last; install it as an event filter."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.at = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Note it once the painting is done."""
        if event is not None and event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        self.at = time.monotonic()


class Script(QObject):
    """Measures the window step by step, as soon as there is one."""

    def __init__(self, app: QApplication, begun: float, rows: int, count: int, big: str) -> None:
        super().__init__()
        self._app = app
        self._begun = begun
        self._rows = rows
        self._count = count
        self._big = big
        self._arrived = 0
        self.figures: dict[str, float] = {}
        self._steps = self._measure()
        self._until: Until = lambda: True
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        if self._until():
            try:
                self._until = next(self._steps)
            except StopIteration:
                self._timer.stop()
                self._app.quit()

    def _measure(self) -> Steps:
        from messenger.desktop.main_window import MainWindow
        from messenger.sdk.events import ConnectionState

        found: list[MainWindow] = []

        def window_found() -> bool:
            found[:] = [one for one in self._app.topLevelWidgets() if isinstance(one, MainWindow)]
            return bool(found)

        yield window_found
        window = found[0]
        conversations = window.conversations
        listed, shown = Painted(conversations.list.viewport()), Painted(window.messages.viewport())
        yield lambda: conversations.model.rowCount() >= self._rows
        filled = time.monotonic()
        yield lambda: listed.at >= filled
        self.figures["first paint"] = listed.at - self._begun
        yield lambda: bool(window.model.messages) and shown.at > 0
        self.figures["usable"] = max(listed.at, shown.at) - self._begun
        online: list[bool] = []
        while not online or not online[-1]:
            window.bridge.read(
                lambda client: client.connection.state is ConnectionState.ONLINE,
                online.append,
                owner=self,
            )
            seen = len(online)
            yield lambda seen=seen: len(online) > seen
        self.figures["online"] = time.monotonic() - self._begun
        if not self._count:
            print("storm", flush=True)
            return
        yield from self._pause(2)
        self.figures["memory"] = _memory()
        yield from self._open(window, shown)
        self._scroll(window.messages)
        yield from self._pause(1)
        yield from self._storm(window)
        yield from self._pause(_SILENCE)
        self._timer.setInterval(1000 * int(_IDLE))
        before = time.process_time()
        yield lambda: True
        self.figures["idle, of a core"] = 100 * (time.process_time() - before) / _IDLE
        self._timer.setInterval(_LOOK)

    def _pause(self, seconds: float) -> Steps:
        over = time.monotonic() + seconds
        yield lambda: time.monotonic() > over

    def _open(self, window: object, shown: Painted) -> Steps:
        """Open the big conversation, between others, and measure until it is painted."""
        took: list[float] = []
        for name in ("friend0001", self._big) * 3:
            before = time.monotonic()
            window.go_to(name)
            # Not by the timer, which looks every few milliseconds only.
            while not (_shows(window, name) and shown.at > before):
                self._app.processEvents()
            if name == self._big:
                took.append(1e3 * (shown.at - before))
            yield from self._pause(0.5)
        self.figures["a large conversation opened, first"] = took[0]
        self.figures["a large conversation opened"] = sorted(took)[1]

    def _scroll(self, view: object) -> None:
        """Scroll back, through pages that are loaded meanwhile, at 60 frames a second."""
        frames: list[float] = []
        bar = view.verticalScrollBar()
        for step in _STEPS:
            for _ in range(_FRAMES):
                begun, used = time.monotonic(), time.thread_time()
                bar.setValue(bar.value() - step)
                self._app.processEvents()
                frames.append(1e3 * (time.thread_time() - used))
                time.sleep(max(0.0, begun + _FRAME - time.monotonic()))
        self.figures["a frame while scrolling, mean"] = sum(frames) / len(frames)
        self.figures["a frame while scrolling, p99"] = percentile(frames, 99)

    def _storm(self, window: object) -> Steps:
        """Wait for the storm in the conversation that it arrives in, which is open."""
        from messenger.sdk.events import MessageReceived

        names: list[str] = []

        def take(events: list[object]) -> None:
            arrived = [one for one in events if isinstance(one, MessageReceived)]
            names.extend(one.message.conversation for one in arrived[: not names])
            self._arrived += len(arrived)

        window.bridge.happened.connect(take)
        heart = Heartbeat()
        print("storm", flush=True)
        yield lambda: bool(names)
        window.go_to(names[0])
        yield lambda: _shows(window, names[0])
        window.messages.to_newest()
        heart.start()
        begun, before = time.monotonic(), self._arrived
        yield lambda: self._arrived >= self._count
        blocks = heart.stop()
        self.figures["storm of 1,000/s, arrived"] = (self._arrived - before) / (
            time.monotonic() - begun
        )
        self.figures["storm of 1,000/s, longest block"] = max(blocks)
        self.figures["storm of 1,000/s, p99"] = percentile(blocks, 99)
        self.figures["memory after the storm"] = _memory()


def _shows(window: object, name: str) -> bool:
    messages = window.model.messages
    return bool(messages) and messages[-1].conversation == name


def _memory() -> float:
    """Return the resident memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Run the client until all is measured, and print the figures as JSON."""
    # A window has all cores: it begins with a second process, which probes the platform.
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    begun, rows, count, big, *words = sys.argv[1:]
    app = make_application()
    script = Script(app, float(begun), int(rows), int(count), big)
    _start(words)
    print(json.dumps(script.figures), flush=True)


def _start(words: list[str]) -> None:
    from messenger.__main__ import main as run

    run(["desktop", *words])


if __name__ == "__main__":
    main()
