"""The dialog that reports somebody, or a room, with the messages that the user chooses to show."""

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QCheckBox, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.dialog_pages import RequestDialog, icon_head, person_head
from messenger.jim.names import is_room
from messenger.language import _
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.store import StoredMessage
from messenger.ui.reports import MAX_SHOWN, messages_to_show, place_of
from messenger.ui.wording import shown_name, when
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import DangerButton, acting
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import section, text
from messenger.windows.widgets.plain import with_ampersands
from messenger.windows.widgets.switch import Switch

_MAX_REASON = 1000
"""Characters, as the server takes."""
_MAX_LINE = 120
"""Characters of a message in the list: it is there to be recognised."""
_ROWS = 6


class ReportDialog(RequestDialog):
    """Asks for a reason, shows which messages are attached, and sends them to the administrators.

    `chosen` is the message that the user has begun with: it is attached, others can be. `current`
    is the open conversation.
    """

    def __init__(
        self,
        bridge: Bridge,
        name: str,
        current: str,
        chosen: StoredMessage | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(bridge, _("Report"), parent)
        self.setObjectName("report")
        self._name = name
        self._place = place_of(name, current)
        self._chosen = chosen
        self.reason = Field(_("What is wrong?"))
        self.reason.edit.setMaxLength(_MAX_REASON)
        self.messages = MessageChoice()
        self.block = Switch(_("Block {name}, too", name=shown_name(name)))
        self._show_form()
        bridge.read(self._read, self._show_read, owner=self)

    def _show_form(self) -> None:
        name = shown_name(self._name)
        heading = _("Report {name}?", name=name)
        soft = _("The administrators of this server decide what to do.")
        head = (
            icon_head("flag", heading, soft)
            if is_room(self._name)
            else person_head(self._name, heading, soft)
        )
        note = _(
            "The administrators see your name, what you write here, and the messages that you "
            "choose, as you can read them. They see no other message."
        )
        self._title = section(_("Messages to show"))
        parts = [head, self.reason, self._title, self.messages, text(note, small=True)]
        if not is_room(self._name):
            parts.append(self.block)
        send = acting(DangerButton(_("Report")), self.send)
        self.show_page(parts, [self.closing(_("Cancel")), send])
        # Until it is known what they are to show.
        for part in (self._title, self.messages, self.block):
            part.hide()

    def _read(self, client: Client) -> tuple[list[StoredMessage], bool]:
        """Return the messages that may be attached, and whether their sender can be blocked."""
        found = messages_to_show(client.store, self._name, self._place, MAX_SHOWN)
        if self._chosen is not None and self._chosen.id not in {one.id for one in found}:
            found = [self._chosen, *found[1:]]  # It is an older one.
        return found, not is_room(self._name) and self._name not in client.people.blocked

    def _show_read(self, read: tuple[list[StoredMessage], bool]) -> None:
        found, may_block = read
        self.block.setVisible(may_block)
        self.messages.show_messages(found, None if self._chosen is None else self._chosen.id)
        self._title.setVisible(bool(found))
        self.messages.setVisible(bool(found))
        self.fit()

    def send(self) -> None:
        """Send the report, and block its subject if that is wanted."""
        reason, chosen = self.reason.text.strip(), self.messages.chosen()
        if not reason:
            self.reason.show_error(_("Write what is wrong."))
            self.reason.edit.setFocus()
            return
        name, blocks = self._name, self.block.isChecked()

        def report(client: Client) -> str:
            if is_room(name):
                said = client.report(room=name, reason=reason, messages=chosen)
            else:
                room = self._place if is_room(self._place) else ""
                said = client.report(name, room=room, reason=reason, messages=chosen)
            if blocks:
                client.block(name)
            return said

        self.request(report, self._show_end)

    def _show_end(self, said: str) -> None:
        said = said or _("The administrators will see your report")
        self.show_page([icon_head("check", f"{said}.", colour="good")], [self.closing(_("Close"))])


class MessageChoice(QScrollArea):
    """Messages with a check box each: the user sees which ones are attached."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Messages to show"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self._contents = QWidget()
        self._column = QVBoxLayout(self._contents)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.S)
        self.setWidget(self._contents)
        self.boxes: list[tuple[QCheckBox, StoredMessage]] = []

    def show_messages(self, messages: list[StoredMessage], chosen: int | None) -> None:
        """Show messages, of which that with the id `chosen` is checked."""
        for message in messages:
            words = visible(" ".join(message.text[:_MAX_LINE].split()))
            box = QCheckBox(with_ampersands(f"{when(message.shown_time)}  {words}"))
            # It may elide its text: the dialog is never wider for it.
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.setChecked(message.id == chosen)
            self._column.addWidget(box)
            self.boxes.append((box, message))
        heights = [box.sizeHint().height() + Space.S for box, _message in self.boxes]
        self.setFixedHeight(sum(heights[:_ROWS]))
        QTimer.singleShot(0, self._show_chosen)  # Once they have their places.

    def chosen(self) -> list[StoredMessage]:
        """Return the messages that are checked, in their order."""
        return [message for box, message in self.boxes if box.isChecked()]

    def _show_chosen(self) -> None:
        """Scroll to the message that the user has begun with, or to the last one."""
        for box, _message in self.boxes[-1:] + [one for one in self.boxes if one[0].isChecked()]:
            self.ensureWidgetVisible(box)
