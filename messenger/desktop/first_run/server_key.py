"""The key of a server that is seen for the first time, before anybody logs in."""

import threading

from PyQt6.QtWidgets import QVBoxLayout, QWidget

from messenger.crypto.certificates import grouped
from messenger.language import _
from messenger.sdk.cancelling import Cancellation
from messenger.sdk.invitation import Invitation
from messenger.sdk.server_identity import AUTHORITY, Encryption
from messenger.ui.server_keys import in_two_lines
from messenger.windows.gui_thread import GuiThread
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space, Type
from messenger.windows.widgets.labels import mono, text


class ServerKey(QWidget):
    """Shows a server's fingerprint, and what that means; empty while it is not known."""

    def __init__(self, gui: GuiThread, encryption: Encryption) -> None:
        super().__init__()
        self.setObjectName("server_key")
        self._gui = gui
        self._encryption = encryption
        self._looked_at: Invitation | None = None
        self._cancellation = Cancellation()
        self.fingerprint: str | None = None
        self._words = text("", small=True)
        self._digits = mono("")
        self._digits.setAccessibleName(_("Fingerprint of the server's key"))
        self._shrink()
        theme.changed.connect(self._shrink)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        layout.addWidget(self._words)
        layout.addWidget(self._digits)
        self.hide()

    @property
    def words(self) -> str:
        """What is said about the key."""
        return self._words.text()

    def look_at(self, server: Invitation | None) -> None:
        """Look at a server's key in a thread; None: there is no server to look at."""
        if server == self._looked_at:
            return
        self.stop()
        self._looked_at = server
        self.fingerprint = None
        self.hide()
        if server is not None:
            self._cancellation = Cancellation()
            self._gui.run(
                lambda: self._look(server),
                lambda found: self._show(server, found),
                # The login says what is wrong, if the user tries it.
                lambda _error: None,
                self,
            )

    def stop(self) -> None:
        """Stop looking."""
        self._looked_at = None
        # In a thread: it may have to wait for a lock.
        threading.Thread(target=self._cancellation.cancel, name="cancelling", daemon=True).start()

    def _shrink(self) -> None:
        """Make room for eight groups in a line."""
        self._digits.setStyleSheet(f"font-size: {round(Type.SMALL * theme.scale)}px")

    def _look(self, server: Invitation) -> str | None:
        # It imports the client library, which takes half a second.
        from messenger.sdk.first_contact import look_at_server

        with self._cancellation:
            return look_at_server(server.address, server.port, self._encryption, server.key)

    def _show(self, server: Invitation, found: str | None) -> None:
        if server != self._looked_at or found is None:
            return
        self._digits.setVisible(found != AUTHORITY)
        if found == AUTHORITY:
            self._words.setText(_("A certificate authority confirms this server."))
        else:
            self.fingerprint = found
            self._digits.setText(in_two_lines(grouped(found)))
            self._words.setText(
                _("The server has the key that the invitation names.")
                if server.key
                else _(
                    "The server's key, seen for the first time. It is remembered, and you are told "
                    "if it changes."
                )
            )
        self.show()
