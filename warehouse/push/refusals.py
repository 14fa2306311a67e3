"""What the Hub or its client may answer to a push instead of "done", in words, and whether to ask again."""

from __future__ import annotations

# The base of the errors of whichever HTTP library the client uses is not named among its exports.
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from schemas.errors import Terminal, Transient, WinnowError
from schemas.plan.push import Push

# A client that uploads in threads wraps what happened in a RuntimeError; the Hub's own refusals may be a ValueError.
EXPECTED = (HTTPError, OSError, ValueError, RuntimeError)
_BY_STATUS: dict[int, tuple[type[WinnowError], str]] = {
    401: (Terminal, "the Hub does not accept the token: set HF_TOKEN to one that may write to {repo}"),
    402: (Terminal, "the Hub asks for payment before {repo} can be written ({said})"),
    403: (Terminal, "the token may not write to {repo} ({said}): ask its owner, or set HF_TOKEN to another one"),
    409: (Transient, "another commit to {repo} is under way, nothing was changed: push again"),
    412: (Transient, "{branch} of {repo} has moved while this was being pushed, nothing was changed: push again"),
    429: (Transient, "the Hub asks for patience, nothing was changed: push to {repo} again later"),
}


def explain(error: BaseException, wanted: Push) -> WinnowError:
    """Say what a failed push means, and what to do."""
    error = _cause(error)
    kind, words = _meaning(error)
    return kind(words.format(repo=wanted.repo, branch=wanted.branch, said=_first_line(error)))


def _meaning(error: BaseException) -> tuple[type[WinnowError], str]:
    # Uploads to Xet have errors of their own, with the status in their text alone.
    if "/xet-write-token/" in str(error) and "404" in str(error):
        return Terminal, "the Hub has no Xet storage for {repo}: set HF_HUB_DISABLE_XET=1 and push again"
    if isinstance(error, HfHubHTTPError):
        return _refusal(error)
    if isinstance(error, HFValidationError):
        return Terminal, "{repo} cannot be the name of a dataset ({said})"
    if isinstance(error, OfflineModeIsEnabled):
        return Terminal, "{repo} cannot be pushed to while HF_HUB_OFFLINE is set: unset it"
    if isinstance(error, ValueError):
        return Terminal, "the Hub, or its client, refuses what is pushed to {repo} ({said})"
    return Transient, (
        "the Hub cannot be reached, or did not answer ({said}): push to {repo} again; what is there already is not "
        "pushed twice"
    )


def _refusal(error: HfHubHTTPError) -> tuple[type[WinnowError], str]:
    status = error.response.status_code
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if isinstance(error, RepositoryNotFoundError):
        return Terminal, "{repo} is not on the Hub, or the token may not see it: correct the name or set HF_TOKEN"
    if status >= 500:
        return Transient, "the Hub failed ({said}): push to {repo} again; what is there already is not pushed twice"
    return Terminal, "the Hub refuses the push to {repo} ({said})"


def _cause(error: BaseException) -> BaseException:
    """Return what a wrapped error was raised for."""
    while isinstance(error, RuntimeError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
