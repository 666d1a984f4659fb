"""The one kind of error that is the user's to mend."""


class UserError(Exception):
    """Something the user can put right: one line that says what is wrong, where, and what to do."""
