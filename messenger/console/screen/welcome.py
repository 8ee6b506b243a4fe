"""The first screen of a new user: where the server is, and who they are there."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Button, Input, Label, RadioButton, RadioSet, Static

from messenger.console.lines import visible
from messenger.console.screen.colours import theme_name
from messenger.console.welcome import Newcomer, advise, strength
from messenger.jim.errors import BadRequest, ProtocolError
from messenger.jim.names import check_account
from messenger.language import _
from messenger.sdk.invitation import parse_server
from messenger.sdk.login import Credentials
from messenger.sdk.safe import Place

_BAR = 20
_BAR_COLOURS = ("$error", "$error", "$warning", "$success", "$success")


class Choice(RadioSet):
    """One of several, chosen by Space; Enter chooses, and goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", show=False)]

    class Submitted(Message):
        """The user goes on."""

    def action_submit(self) -> None:
        """Choose what is under the cursor, and go on."""
        self.action_toggle_button()
        self.call_after_refresh(self.post_message, self.Submitted())


class Welcome(App[Newcomer]):
    """Asks until the server lets the user in; None if they leave.

    `introduce` tries it: it returns why the server was not to be reached, or nothing, and raises
    a ProtocolError. It is called off the event loop.
    """

    CSS_PATH = "welcome.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "quit", show=False),
        Binding("ctrl+q", "quit", show=False, priority=True),
    ]

    def __init__(
        self,
        introduce: Callable[[Newcomer], str],
        *,
        server: str = "",
        name: str = "",
        has_keyring: bool = False,
    ) -> None:
        super().__init__()
        self.theme = theme_name("auto")
        self._introduce = introduce
        self._server = server
        self._name = name
        self._has_keyring = has_keyring
        self._unreachable: Newcomer | None = None
        self._is_trying = False

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with VerticalScroll(id="form", can_focus=False):
            yield Label(_("Welcome to Messenger"), id="welcome")
            with Horizontal(classes="row tight"):
                yield Label(_("Server"))
                yield Input(self._server, _("address, or an invitation link"), id="server")
            with Horizontal(classes="row"):
                yield Label(_("Name"))
                yield Input(self._name, id="name")
            with Horizontal(classes="row"):
                yield Label(_("You"))
                with Choice(id="kind"):
                    yield RadioButton(_("are new here"), value=True, id="new")
                    yield RadioButton(_("have an account"), id="known")
                    yield RadioButton(_("come as a guest, without a password"), id="guest")
            with Vertical(id="secret"):
                with Horizontal(classes="row tight"):
                    yield Label(_("Password"))
                    yield Input(password=True, id="password")
                with Horizontal(classes="row"):
                    yield Label("")
                    yield Static(id="strength")
                with Horizontal(classes="row"):
                    yield Label(_("Remember it"))
                    with Choice(id="remember"):
                        yield RadioButton(_("no: ask again"), value=True, id="no")
                        if self._has_keyring:
                            yield RadioButton(_("in the system's keyring"), id="keyring")
                        yield RadioButton(_("in a file that only you can read"), id="file")
            with Horizontal(classes="row"):
                yield Label(_("Passphrase"))
                yield Input(placeholder=self._lock_hint(), password=True, id="passphrase")
            with Horizontal(classes="row"):
                yield Label("")
                yield Button(_("Go on"), id="go", variant="primary", compact=True)
            yield Static(id="error", markup=False)
        yield Static(_("Tab: next · Space: choose · Enter: go on · Esc: leave"), id="hint")

    def on_mount(self) -> None:
        """Begin where something is missing."""
        empty = [field for field in self.query(Input) if not field.value and self._is_asked(field)]
        (empty or list(self.query(Input)))[0].focus()

    # --- what the user does --------------------------------------------------------------------

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        """A guest has no password."""
        if event.radio_set.id == "kind":
            self.query_one("#secret").display = event.pressed.id != "guest"
            self._show_strength()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what is thought of the password; an invitation is for somebody new."""
        if event.input.id in ("password", "name"):
            self._show_strength()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field that is empty, or on."""
        self._go_on_from(event.input)

    def on_choice_submitted(self) -> None:
        """Go to the next field that is empty, or on."""
        self._go_on_from()

    def on_button_pressed(self) -> None:
        """Try it."""
        self._go_on()

    def _go_on_from(self, field: Input | None = None) -> None:
        empty = [one for one in self.query(Input) if not one.value and self._is_asked(one)]
        if empty and empty[0] is not field:
            empty[0].focus()
        else:
            self._go_on()

    # --- trying --------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self._is_trying:
            return
        try:
            newcomer = self._newcomer()
        except (ValueError, BadRequest) as error:
            self._complain(str(error))
            return
        if newcomer == self._unreachable:
            self.exit(newcomer)
            return
        self._is_trying = True
        self.query_one("#error", Static).update(_("One moment…"))
        self.run_worker(lambda: self._try(newcomer), thread=True)

    def _newcomer(self) -> Newcomer:
        server = parse_server(self._value("server"))
        name = self._value("name")
        check_account(name)
        kind = self._chosen("kind")
        password = None if kind == "guest" else self.query_one("#password", Input).value
        if password == "":
            raise ValueError(_("Choose a password, or come as a guest."))
        credentials = Credentials(name, password, kind == "new", server.token or None)
        place = self._place(password)
        passphrase = self.query_one("#passphrase", Input).value
        return Newcomer(server.address, server.port, credentials, place, server.key, passphrase)

    def _place(self, password: str | None) -> Place | None:
        chosen = self._chosen("remember")
        if password is None or chosen == "no":
            return None
        return "keyring" if chosen == "keyring" else "file"

    def _try(self, newcomer: Newcomer) -> None:
        try:
            reason = self._introduce(newcomer)
        except ProtocolError as error:
            self.call_from_thread(self._tried, newcomer, advise(error, newcomer.credentials))
            return
        if not reason:
            self.call_from_thread(self.exit, newcomer)
            return
        self._unreachable = newcomer
        said = _("{reason}. Correct the address, or go on without the server.", reason=reason)
        self.call_from_thread(self._tried, newcomer, said)

    def _tried(self, newcomer: Newcomer, said: str) -> None:
        self._is_trying = False
        self._complain(said)
        if newcomer != self._unreachable:
            self.query_one("#password" if newcomer.credentials.password else "#name").focus()

    # --- parts ---------------------------------------------------------------------------------

    def _value(self, ident: str) -> str:
        return self.query_one(f"#{ident}", Input).value.strip()

    def _chosen(self, ident: str) -> str:
        pressed = self.query_one(f"#{ident}", RadioSet).pressed_button
        return str(pressed.id) if pressed is not None else ""

    def _lock_hint(self) -> str:
        if self._has_keyring:
            return _("locks what is kept here; or the keyring does")
        return _("locks what is kept here; or a file does")

    def _is_asked(self, field: Input) -> bool:
        if field.id == "passphrase":
            return False
        return field.id != "password" or self._chosen("kind") != "guest"

    def _complain(self, text: str) -> None:
        self.query_one("#error", Static).update(visible(text))

    def _show_strength(self) -> None:
        password = self.query_one("#password", Input).value
        label = self.query_one("#strength", Static)
        if not password or self._chosen("kind") != "new":
            label.update("")
            return
        found = strength(password, self._value("name"))
        full = (found.score + 1) * _BAR // 5
        colour = _BAR_COLOURS[found.score]
        label.update(f"[{colour}]{'━' * full}[/][dim]{'━' * (_BAR - full)}[/] {found.text}")
