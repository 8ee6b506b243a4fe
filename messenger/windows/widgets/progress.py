"""A thin line that shows progress, or only that something is under way."""

from PyQt6.QtWidgets import QProgressBar

from messenger.language import _


class ProgressLine(QProgressBar):
    """Without a total it moves to and fro."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setRange(0, 0)
        self.setAccessibleName(_("Progress"))

    def show_progress(self, done: int, total: int) -> None:
        """Show that `done` of `total` is done; a total of 0 is not known."""
        self.setRange(0, total)
        self.setValue(done)
