"""The one kind of error that is the user's to mend."""

LONGEST = 200  # characters of a reason


class UserError(Exception):
    """Something the user can put right: one line that says what is wrong, where, and what to do."""


def one_line(error: BaseException) -> str:
    r"""What happened, without the lines that only a developer reads.

    >>> one_line(ValueError("no such layer\nTraceback ..."))
    'ValueError: no such layer'
    """
    said = str(error).strip().splitlines()[:1]
    return ": ".join([type(error).__name__, *said])


def reason(error: BaseException) -> str:
    r"""The first line of what an error says, cut where a library goes on and on; else its name.

    >>> reason(ValueError("no such layer\nTraceback ...")), reason(KeyError())
    ('no such layer', 'KeyError')
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:LONGEST]
