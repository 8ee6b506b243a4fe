"""The first screen of a new user: a form for the server and the account."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Label, RadioButton, RadioSet, Static

from messenger.console.advice import with_advice
from messenger.console.screen.colours import theme_name
from messenger.console.screen.form_fields import Field, ServerField
from messenger.console.screen.guarded import GuardedApp
from messenger.jim.errors import ProtocolError
from messenger.language import _
from messenger.output import visible
from messenger.sdk.events import StateChanged
from messenger.sdk.invitation import parse_server
from messenger.ui.errors import explain
from messenger.ui.first_run import Newcomer, strength
from messenger.ui.welcome_form import AFTER_RESET, Entered, Kind, Mistake, Part, checked, correction

_BAR = 20
_BAR_COLOURS = ("$error", "$error", "$warning", "$success", "$success")

_FIELDS = {Part.SERVER: "server", Part.NAME: "name", Part.PASSWORD: "password", Part.CODE: "code"}
"""The id of each field."""
_KINDS = {"new": Kind.NEW, "known": Kind.KNOWN, "forgotten": Kind.FORGOTTEN, "guest": Kind.GUEST}


class Circle(RadioButton):
    """A radio button whose state shows in its shape, not in its colour alone."""

    BUTTON_LEFT = BUTTON_RIGHT = ""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802  Textual's constant
        """The circle."""
        return "(●)" if self.value else "( )"


class WelcomeApp(GuardedApp[Newcomer]):
    """Asks until the login succeeds; returns None if the user leaves.

    `name` is a suggestion, which an empty field stands for. `introduce` tries the login: it returns
    None, or the state of the connection if the server could not be reached, and raises
    ProtocolError. It is called outside the event loop. Its methods are many because Textual finds
    handlers and actions by their names, and because the form has eight fields to ask for.
    """

    CSS_PATH = "welcome.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "quit", show=False),
        Binding("ctrl+q", "quit", show=False, priority=True),
        # With priority over the fields, so that the next characters go to the next field.
        Binding("enter", "forward", show=False, priority=True),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(
        self,
        introduce: Callable[[Newcomer], StateChanged | None],
        *,
        server: str = "",
        name: str = "",
        is_named: bool = False,
        has_keyring: bool = False,
        has_account: bool = False,
        reset_code: str = "",
    ) -> None:
        super().__init__()
        self.theme = theme_name("auto")
        self._introduce = introduce
        self._server = server
        self._suggested = name
        self._first = "server" if not server else "password" if is_named else "name"
        self._has_keyring = has_keyring
        self._kind = "forgotten" if reset_code else "known" if has_account else "new"
        self._reset_code = reset_code
        self._unreachable: Newcomer | None = None
        self._is_trying = False

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with VerticalScroll(id="form", can_focus=False):
            yield Label(_("Welcome to Messenger"), id="welcome")
            with Horizontal(classes="row"):
                yield Label(_("Server"))
                yield ServerField(self._server, _("address, or an invitation link"), id="server")
            with Horizontal(classes="row tight"):
                yield Label(_("Name"))
                yield Field(placeholder=self._suggested, id="name")
            with Horizontal(classes="row"):
                yield Label(_("You"))
                with RadioSet(id="kind"):
                    for kind, said in (
                        ("new", _("are new here")),
                        ("known", _("have an account")),
                        ("forgotten", _("have forgotten the password")),
                        ("guest", _("come as a guest, without a password")),
                    ):
                        yield Circle(said, value=kind == self._kind, id=kind)
            with Horizontal(classes="row forgotten"):
                yield Label(_("Code"))
                yield Field(self._reset_code, _("from an administrator of the server"), id="code")
            with Horizontal(classes="row tight forgotten"):
                yield Label("")
                yield Static(_(AFTER_RESET), id="after", markup=False)
            yield from self._compose_password()
            with Horizontal(classes="row"):
                yield Label(_("Passphrase"))
                said = _("optional: encrypts your messages on this computer")
                yield Field(placeholder=said, password=True, id="passphrase")
            with Horizontal(classes="row"):
                yield Label("")
                yield Button(Text(_("Connect")), id="go", variant="primary", compact=True)
            yield Static(id="error", markup=False)
        said = _("Tab: next · Space: choose · Enter: go on · Esc: leave")
        yield Static(said, id="hint", markup=False)

    def _compose_password(self) -> ComposeResult:
        with Horizontal(classes="row", id="secret"):
            yield Label(_("Password"))
            yield Field(password=True, id="password")
        with Horizontal(classes="row tight secret"):
            yield Label("")
            yield Static(id="strength")
        with Horizontal(classes="row secret"):
            yield Label(_("Remember it"))
            with RadioSet(id="remember"):
                yield Circle(_("no: ask again"), value=True, id="no")
                if self._has_keyring:
                    yield Circle(_("in the system's keyring"), id="keyring")
                yield Circle(_("in a file that only you can read"), id="file")

    def on_mount(self) -> None:
        """Focus the first field that is missing; a name that is only suggested is to be seen."""
        self.watch_for_the_end()
        self.query_one("#error").display = False
        self._show_fields(self._kind)
        self.query_one(f"#{self._first}").focus()

    def note(self, text: str) -> None:
        """Show a note of the program."""
        self._complain(text, "go")

    # --- what the user does --------------------------------------------------------------------

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        """Show the fields of this kind of login: a guest has no password."""
        self._complain("", "go")
        if event.radio_set.id == "kind":
            self._show_fields(str(event.pressed.id))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the strength of the password; clear the error, which the user is correcting."""
        self._complain("", "go")
        if event.input.id in ("password", "name"):
            self._show_strength()
        if event.input.id == "server":
            self._take_code(event.value)

    def on_button_pressed(self) -> None:
        """Try to log in."""
        self._go_on()

    def action_forward(self) -> None:
        """Go to the next empty field, then back to missing ones; then try to log in."""
        place = self.focused
        if isinstance(place, RadioSet):
            place.call_later(place.action_toggle_button)
        following = self._following(place)
        if following is not None:
            self.screen.set_focus(following)
        else:
            # After the refresh earlier keys are in their field, and its handlers have run.
            (place or self).call_after_refresh(self.call_later, self._go_on)

    def _following(self, place: Widget | None) -> Input | None:
        """Return the field to fill in after a place; None if there is none."""
        if place is None or isinstance(place, Button):
            return None
        order = list(self.query("Input, RadioSet"))
        below = [
            field
            for field in order[order.index(place) + 1 :]
            if isinstance(field, Input) and not field.value and self._is_asked(field)
        ]
        missing = [one for one in self.query(Input) if self._is_missing(one) and one is not place]
        return next(iter(below or missing), None)

    # --- trying --------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self._is_trying:
            return
        try:
            newcomer = self._newcomer()
        except Mistake as mistake:
            self._correct(mistake)
            return
        # Sent once more unchanged: the user continues offline, as the text offered.
        if newcomer == self._unreachable:
            self.exit(newcomer)
            return
        self._is_trying = True
        self._complain(_("One moment…"), "go")
        self.in_thread(self._try, newcomer)

    def _newcomer(self) -> Newcomer:
        """Return the values of the form. Raises Mistake."""
        remember = self._chosen("remember")
        return checked(
            Entered(
                self._value("server"),
                self._value("name") or self._suggested,
                _KINDS[self._chosen("kind")],
                self.query_one("#password", Input).value,
                None if remember == "no" else "keyring" if remember == "keyring" else "file",
                self.query_one("#passphrase", Input).value,
                code=self._value("code"),
            )
        )

    def _try(self, newcomer: Newcomer) -> None:
        mistake: Mistake | None = None
        try:
            failed = self._introduce(newcomer)
            if failed is None:
                self.call_later(self.exit, newcomer)
                return
            self._unreachable = newcomer
            said = _(
                "{reason}. Correct the address, or continue offline.", reason=explain(failed.error)
            )
            mistake = Mistake(Part.SERVER, with_advice(said, failed.error))
        except ProtocolError as error:
            mistake = correction(error, newcomer)
        finally:
            self._is_trying = False
        self.call_later(self._correct, mistake)

    # --- parts ---------------------------------------------------------------------------------

    def _value(self, field_id: str) -> str:
        return self.query_one(f"#{field_id}", Input).value.strip()

    def _chosen(self, field_id: str) -> str:
        pressed = self.query_one(f"#{field_id}", RadioSet).pressed_button
        return str(pressed.id) if pressed is not None else ""

    def _is_missing(self, field: Input) -> bool:
        suggested = field.id == "name" and self._suggested
        return not field.value and not suggested and self._is_asked(field)

    def _is_asked(self, field: Input) -> bool:
        if field.id == "passphrase":
            return False
        if field.id == "code":
            return self._chosen("kind") == "forgotten"
        return field.id != "password" or self._chosen("kind") != "guest"

    def _show_fields(self, kind: str) -> None:
        for row in self.query("#secret, .secret"):
            row.display = kind != "guest"
        for row in self.query(".forgotten"):
            row.display = kind == "forgotten"
        is_new = _("New password") if kind == "forgotten" else _("Password")
        self.query_one("#secret Label", Label).update(is_new)
        self._show_strength()

    def _take_code(self, text: str) -> None:
        """Take the code and the name from a link for a forgotten password."""
        try:
            link = parse_server(text)
        except ValueError:
            return
        if link.reset_code and link.reset_code != self._reset_code:
            self._reset_code = link.reset_code
            self.query_one("#code", Input).value = link.reset_code
            self.query_one("#name", Input).value = link.account
            self.query_one("#forgotten", RadioButton).value = True

    def _correct(self, mistake: Mistake) -> None:
        """Focus the wrong field, and show the reason below it."""
        field = _FIELDS[mistake.part]
        self._complain(with_advice(str(mistake), mistake.error), field)
        self.screen.set_focus(self.query_one(f"#{field}"))

    def _complain(self, text: str, field: str) -> None:
        error = self.query_one("#error", Static)
        if not text and (self._is_trying or not error.display):
            return
        error.update(visible(text))
        error.display = bool(text)
        row = self.query_one(f"#{field}").query_ancestor(".row", Horizontal)
        self.query_one("#form").move_child(error, after=row)

    def _show_strength(self) -> None:
        password = self.query_one("#password", Input).value
        label = self.query_one("#strength", Static)
        if not password or self._chosen("kind") not in ("new", "forgotten"):
            label.update("")
            return
        found = strength(password, self._value("name") or self._suggested)
        full = (found.score + 1) * _BAR // 5
        colour = _BAR_COLOURS[found.score]
        bar = f"[{colour}]{'━' * full}[/][dim]{'━' * (_BAR - full)}[/] "
        # The text as a variable: markup in it would be interpreted.
        label.update(Content.from_markup(bar + "$text", text=found.text))
