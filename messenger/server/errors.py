"""The error that keeps a server from starting, or stops it."""


class CannotStart(Exception):
    """The server cannot start, or not continue; the text is one sentence that says what to do.

    `setting` is the setting to change, if that helps: the command line names its option.
    """

    def __init__(self, text: str, *, setting: str = "") -> None:
        super().__init__(text)
        self.setting = setting
