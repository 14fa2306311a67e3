"""Makes docs/report.png and docs/media.png, the report's pictures in the README: `python docs/screenshot.py`.

Needs Chromium, whose name is `chromium` unless the variable CHROMIUM says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
# Each picture: its width and height, and what of the page is left out.
PICTURES = {
    "report.png": (1280, 1400, ""),
    "media.png": (1280, 3300, "section:not(#media), header { display: none !important }"),
}


def main() -> None:
    """Run the demo and take pictures of its report: of the top, and of the chapter on media."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("WINNOW_")}
    winnow = Path(sys.executable).with_name("winnow")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([winnow, "demo", "--home", "demo"], cwd=folder, env=own, stdout=subprocess.DEVNULL, check=True)
        report = Path(folder) / "demo-files" / "report.html"
        for name, (width, height, style) in PICTURES.items():
            page = report.with_name(f"{name}.html")
            whole = report.read_text(encoding="utf-8")
            page.write_text(whole.replace("</head>", f"<style>{style}</style></head>", 1), encoding="utf-8")
            _take(page, FOLDER / name, f"{width},{height}")


def _take(page: Path, picture: Path, size: str) -> None:
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={size}"]
    chromium = os.environ.get("CHROMIUM", "chromium")
    subprocess.run(
        [chromium, *options, f"--screenshot={picture}", page.as_uri()], stderr=subprocess.DEVNULL, check=True
    )


if __name__ == "__main__":
    main()
