"""Why a server does not start, or ends by itself."""


class CannotStart(Exception):
    """The server cannot start, or not go on; the text is one sentence that says what to do.

    `setting` is what has to be chosen otherwise, if that helps: the command line names its option.
    """

    def __init__(self, text: str, *, setting: str = "") -> None:
        super().__init__(text)
        self.setting = setting
