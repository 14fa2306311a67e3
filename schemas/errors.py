"""Everything winnow raises on purpose. Each message says what is wrong, where, and what to do."""


class WinnowError(Exception):
    """Base of every error that winnow raises on purpose; the command line prints it without a traceback."""


class Terminal(WinnowError):
    """Raised when a plan, a file or a place is wrong: trying again cannot help."""


class Transient(WinnowError):
    """Raised when the network or a busy machine failed: trying again may help."""


class BrokenPromise(WinnowError):
    """Raised when a law, a guard or a licence is broken: the command ends with exit code 1."""
