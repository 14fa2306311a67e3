"""Makes docs/demo.svg, the picture in the README, from what `winnow demo` really prints: `python docs/picture.py`."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 88
PICTURE = Path(__file__).with_name("demo.svg")
_PAIRS_AND_FOUND = re.compile(r"^\S*pairs.*?(?=\n+The data and the plan)", re.DOTALL | re.MULTILINE)
# Whoever looks at the picture should not have to ask another site for its font.
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    """Run the demo and draw its last two tables."""
    shown = _PAIRS_AND_FOUND.search(_run_demo())
    if shown is None:
        sys.exit("winnow demo printed something else than its tables; see flows/demo.py")
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print("$ winnow demo\n…")
    console.print(Text.from_ansi(shown.group()))
    PICTURE.write_text(_FONTS.sub("", console.export_svg(title="winnow demo", unique_id="demo")), encoding="utf-8")


def _run_demo() -> str:
    own = {name: value for name, value in os.environ.items() if not name.startswith("WINNOW_")}
    terminal = {"COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
    winnow = Path(sys.executable).with_name("winnow")
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [winnow, "demo", "--no-train"], cwd=folder, env=own | terminal, stdout=subprocess.PIPE, check=True
        )
    return ran.stdout.decode()


if __name__ == "__main__":
    main()
