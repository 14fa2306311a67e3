"""`python -m training.language FOLDER`: do the job in a folder, and say on standard output how far it is.

Every line is a JSON object: {"done": …, "of": …} for steps, {"device": …}, {"note": …} for what a person should know,
{"error": …}. The process ends when its standard input does: then nobody waits for it any more.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

_ABANDONED = 3


def main() -> int:
    """Do the job; return 0, or 1 after a line with the error."""
    threading.Thread(target=_end_with_caller, daemon=True).start()
    warnings.filterwarnings("ignore")
    logging.basicConfig(level=logging.WARNING)
    from schemas.errors import Terminal
    from training.language.work import work

    try:
        work(Path(sys.argv[1]), tell)
    except Terminal as error:
        tell({"error": str(error)})
        return 1
    return 0


def tell(said: dict[str, Any]) -> None:
    """Print one line."""
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()


def _end_with_caller() -> None:
    sys.stdin.read()
    os._exit(_ABANDONED)


if __name__ == "__main__":
    sys.exit(main())
