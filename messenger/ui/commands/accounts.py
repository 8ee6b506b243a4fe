"""Commands for the user's own account and this computer: settings, status, password, logins."""

from messenger.language import N_, _
from messenger.ui.commands.arguments import Usage
from messenger.ui.commands.table import command
from messenger.ui.conversation import ConversationController
from messenger.ui.errors import explain
from messenger.ui.settings import changed, choices, preference_line
from messenger.ui.wording import login_line


@command("set", N_("[NAME VALUE]"), N_("show or change settings"))
def _set(controller: ConversationController, rest: str) -> None:
    if not rest:
        for name in choices(controller.where):
            controller.show(preference_line(controller.preferences, name))
        return
    name, _space, value = rest.partition(" ")
    try:
        preferences = changed(controller.preferences, name, value.strip(), controller.where)
        controller.prefer(preferences)
    except ValueError as error:
        controller.show(explain(error))
        return
    controller.show(preference_line(controller.preferences, name))


@command("away", N_("[STATUS]"), N_("tell your contacts that you are away; /back ends it"))
def _away(controller: ConversationController, rest: str) -> None:
    controller.client.set_status(rest, away=True)
    controller.show(_("You are away: /back ends it."))


@command("back", N_("[STATUS]"), N_("tell your contacts that you are back"))
def _back(controller: ConversationController, rest: str) -> None:
    controller.client.set_status(rest)
    controller.show(_("You are back."))


@command("password", N_("[show]"), N_("change your password; show: the one generated for you"))
def _password(controller: ConversationController, rest: str) -> None:
    made = controller.made_password()
    if rest == "show":
        controller.show(
            f"    {made}" if made else _("Your password was not generated: only you know it.")
        )
        return
    if rest:
        raise Usage
    # Nobody can type a password that was generated and never shown.
    old = made or controller.prompter.password(_("Old password: "))
    new = controller.prompter.new_password(controller.me)
    controller.client.change_password(old, new)
    controller.profile.replace_password(new)
    controller.show(_("The password is changed"))


@command("logins", "", N_("list when and from where you logged in"))
def _logins(controller: ConversationController, rest: str) -> None:
    for login in controller.client.logins():
        controller.show(login_line(login))


@command("logout", "", N_("log out of this computer and remove the saved login"))
def _logout(controller: ConversationController, rest: str) -> None:
    # The file with it is deleted, and nobody has seen it: without it the account would be lost.
    if made := controller.made_password():
        controller.show(_("Your password was generated for you. Write it down:"))
        controller.show(f"    {made}")
        if not controller.prompter.agrees(_("Log out? You need this password to log in again.")):
            return
    controller.logged_out = controller.profile.log_out(controller.client)
    if controller.logged_out:
        controller.goodbye = _("You are logged out. Your messages stay on this computer.")
    else:
        controller.goodbye = _(
            "You are offline: the login is removed from this computer, but not from the server."
        )
    controller.leaving = True


@command("quit", "", N_("leave"))
def _quit(controller: ConversationController, rest: str) -> None:
    controller.leaving = True
