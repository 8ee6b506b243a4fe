"""The dialog that protects local data with a passphrase, changes it, or removes it."""

from PyQt6.QtWidgets import QPushButton, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.data.passphrase_fields import PassphraseFields
from messenger.desktop.dialog_pages import RequestDialog, icon_head
from messenger.language import _
from messenger.sdk.profiles import Profile
from messenger.ui.local_data import protect
from messenger.windows.widgets.buttons import DangerButton, PrimaryButton, acting
from messenger.windows.widgets.labels import text


class ProtectionDialog(RequestDialog):
    """Sets, changes or removes the passphrase of a profile's local data."""

    def __init__(self, bridge: Bridge, profile: Profile, parent: QWidget | None = None) -> None:
        super().__init__(bridge, _("Passphrase"), parent)
        self.setObjectName("protection")
        self._profile = profile
        record = profile.record
        self.is_set = record is not None and record.locked_by == "passphrase"
        self.fields = PassphraseFields(bridge)
        title = _("Protect your messages with a passphrase")
        said = _(
            "It encrypts what is stored on this computer, and is asked for whenever Messenger "
            "starts. If you forget it, these data are lost: only the server's copy and the "
            "recovery code are left."
        )
        if self.is_set:
            title = _("Change the passphrase")
            said = _("Local data open with the new passphrase only, from now on.")
        save = acting(PrimaryButton(_("Save")), self.save)
        remove: list[QPushButton] = []
        if self.is_set:
            remove = [acting(DangerButton(_("Remove it")), self.remove)]
        self.show_page(
            [icon_head("lock-key", title, said), self.fields],
            [self.closing(_("Cancel")), *remove, save],
        )

    def save(self) -> None:
        """Protect local data with the passphrase that was written."""
        passphrase = self.fields.checked()
        if passphrase is None:
            self.fit()
        else:
            self._protect(passphrase)

    def remove(self) -> None:
        """Protect local data by a key that nobody has to type."""
        self._protect("")

    def _protect(self, passphrase: str) -> None:
        self.request(lambda client: protect(self._profile, passphrase, client.store), self._end)

    def _end(self, said: str) -> None:
        done = acting(PrimaryButton(_("Done")), self.accept)
        self.show_page([icon_head("check-circle", _("Done"), colour="good"), text(said)], [done])
