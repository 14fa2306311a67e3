"""Makes docs/report.png, the report's picture in the README, from the demo's data: `python docs/screenshot.py`.

Needs Chromium, whose name is `chromium` unless the variable CHROMIUM says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1280, 1400
PICTURE = Path(__file__).with_name("report.png")


def main() -> None:
    """Run the demo, report on it and take a picture of the top of the page."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("WINNOW_")}
    winnow = Path(sys.executable).with_name("winnow")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([winnow, "demo", "--home", "demo"], cwd=folder, env=own, stdout=subprocess.DEVNULL, check=True)
        subprocess.run([winnow, "report", "--home", "demo"], cwd=folder, env=own, check=True)
        _take(Path(folder) / "report.html")


def _take(page: Path) -> None:
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDTH},{HEIGHT}"]
    chromium = os.environ.get("CHROMIUM", "chromium")
    subprocess.run(
        [chromium, *options, f"--screenshot={PICTURE}", page.as_uri()], stderr=subprocess.DEVNULL, check=True
    )


if __name__ == "__main__":
    main()
