"""A bridge without a client behind it, for dialogs that are shown by themselves."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal


class StandIn(QObject):
    """Runs what it is given at once, with `client`; `asked` are requests that wait."""

    happened = pyqtSignal(list)
    failed = pyqtSignal(str)
    me = "Мария"

    def __init__(self, client: object = None) -> None:
        super().__init__()
        self.client = client

    def read(
        self,
        work: Callable[[Any], Any],
        then: Callable[[Any], object] | None = None,
        *,
        owner: QObject,
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Do something."""
        try:
            found = work(self.client)
        except Exception as error:
            if failed is None:
                raise
            failed(error)
            return
        if then is not None:
            then(found)

    write = request = read
