"""The dialog that saves a conversation to a file: as a page to read, or as JSON."""

from pathlib import Path

from PyQt6.QtWidgets import QRadioButton, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.data.working import FileRow, WorkingDialog
from messenger.desktop.dialog_pages import icon_head
from messenger.language import _, ngettext
from messenger.ui.export import Format, export
from messenger.ui.wording import shown_name
from messenger.windows.file_questions import file_to_save
from messenger.windows.widgets.buttons import PrimaryButton, acting
from messenger.windows.widgets.labels import text


class ExportDialog(WorkingDialog):
    """Asks for a form and a file, and writes the messages that are stored on this computer."""

    def __init__(self, bridge: Bridge, conversation: str, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Export"), parent)
        self.setObjectName("export")
        self._conversation = conversation
        self._may_replace = False
        self.page = QRadioButton(_("A page to read in any browser (HTML)"))
        self.json = QRadioButton(_("Data for programs (JSON lines)"))
        self.page.setChecked(True)
        self.page.toggled.connect(self._rename)
        self.row = FileRow(_("Choose a file…"), self._choose)
        name = shown_name(conversation)
        note = text(_("The file is not encrypted: whoever gets it can read it."), small=True)
        self.show_page(
            [
                icon_head(
                    "export",
                    _("Export {name}", name=name),
                    _("All messages of this conversation that are stored on this computer."),
                ),
                self.page,
                self.json,
                self.row,
                note,
            ],
            [self.closing(_("Cancel")), acting(PrimaryButton(_("Export")), self.start)],
        )

    @property
    def format(self) -> Format:
        """What the conversation is saved as."""
        return Format.HTML if self.page.isChecked() else Format.JSON

    def start(self) -> None:
        """Write the file, if one is chosen."""
        file, form, may_replace = self.row.file, self.format, self._may_replace
        if file is None:
            self.show_error(_("Choose a file first."))
            return
        self.work(
            lambda client, progress: export(
                client, self._conversation, file, form, progress, may_replace=may_replace
            ),
            lambda count: self._end(file, count),
            self.refused,
        )

    def _choose(self) -> Path | None:
        found = file_to_save(self, _("Save as"), self._conversation + self.format.value)
        # The question for the file has asked whether one that exists is to be replaced.
        self._may_replace = found is not None
        return found

    def _rename(self) -> None:
        """Give the chosen file the end of the other form's names; nobody was asked about that."""
        if self.row.file is not None and self.row.file.suffix in [one.value for one in Format]:
            self._may_replace = False
            self.row.show_file(self.row.file.with_suffix(self.format.value))

    def _end(self, file: Path, count: int) -> None:
        said = ngettext(
            "{count} message is in {file}", "{count} messages are in {file}", count, file=file
        )
        self.show_end("check-circle", _("Exported"), f"{said}.")
