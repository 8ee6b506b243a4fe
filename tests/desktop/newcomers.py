"""A new user at the first window, with a thread that makes the attempts as the program has it."""

import threading

from pytestqt.qtbot import QtBot

from messenger.desktop.first_run.attempts import Attempts
from messenger.desktop.first_run.welcome import WelcomeWindow
from messenger.sdk import Store
from messenger.sdk.server_identity import Encryption
from messenger.ui.first_run import Newcomer, introduce
from messenger.ui.profile_choice import Suggestions
from messenger.windows.gui_thread import GuiThread

_PATIENCE = 20_000  # ms
PASSWORD = "a long enough password"


class NewUser:
    """Fills the form in; `window` is the form, `result` what it ended with, once it has ended."""

    def __init__(
        self,
        qtbot: QtBot,
        *,
        server: str = "",
        name: str = "",
        has_keyring: bool = False,
        encryption: Encryption = "auto",
    ) -> None:
        self._qtbot = qtbot
        self._gui = GuiThread()
        self._encryption = encryption
        self._attempts = Attempts()
        self._ended: list[Newcomer | None] = []
        suggestions = Suggestions(server, name or "somebody", bool(name), has_keyring)
        self.window = WelcomeWindow(self._gui, self._attempts, suggestions, encryption)
        qtbot.addWidget(self.window)
        self.window.show()
        self._thread = threading.Thread(target=self._make, name="attempts")
        self._thread.start()

    def _make(self) -> None:
        store = Store()

        def login(newcomer: Newcomer) -> object:
            return introduce(newcomer, store, self._encryption)

        try:
            self._ended.append(self._attempts.make(login, self.window))  # type: ignore[arg-type]
        finally:
            store.close()

    def fill_in(self, server: str = "", name: str = "", password: str = PASSWORD) -> None:
        """Write into the fields; an empty value leaves one as it is."""
        fields = self.window.fields
        for field, value in (
            (fields.server, server),
            (fields.name, name),
            (fields.password, password),
        ):
            if value:
                field.edit.setText(value)

    def go(self) -> None:
        """Press the button."""
        self.window.go.click()

    def error(self) -> str:
        """Wait for an error at a field; return it."""
        self._qtbot.waitUntil(lambda: bool(self._errors()), timeout=_PATIENCE)
        return self._errors()[0]

    def wrong_field(self) -> str:
        """Return the name of the field that has the error."""
        fields = self.window.fields
        named = {"server": fields.server, "name": fields.name, "password": fields.password}
        named["code"] = fields.code
        return next(name for name, field in named.items() if field.edit.property("wrong"))

    def result(self) -> Newcomer | None:
        """Wait for the end of the form; return the account."""
        self._qtbot.waitUntil(lambda: bool(self._ended), timeout=_PATIENCE)
        self._thread.join()
        self.window.finish()
        return self._ended[0]

    def close(self) -> None:
        """Close the window, if the test has not."""
        self.window.close()
        self._thread.join()

    def _errors(self) -> list[str]:
        fields = self.window.fields
        return [
            field.edit.accessibleDescription()
            for field in (fields.server, fields.name, fields.code, fields.password)
            if field.edit.property("wrong")
        ]
