"""The one kind of error that is the user's to mend."""


class UserError(Exception):
    """Something the user can put right: one line that says what is wrong, where, and what to do."""


def one_line(error: BaseException) -> str:
    r"""What happened, without the lines that only a developer reads.

    >>> one_line(ValueError("no such layer\nTraceback ..."))
    'ValueError: no such layer'
    """
    said = str(error).strip().splitlines()[:1]
    return ": ".join([type(error).__name__, *said])
