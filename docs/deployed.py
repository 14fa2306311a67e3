"""Makes the pictures of Prefect's interface in the README, docs/prefect*.png: `python docs/deployed.py`.

Deploys what prefect.yaml says on a server of its own, runs the demo's plan there, and waits for what follows it. Needs
Chromium, whose name is `chromium` unless the variable CHROMIUM says otherwise.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

HERE = Path(__file__).parent
WIDTH = 1500
PATIENCE = 300.0
FINISHED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
# The run itself, and what its event starts.
RUNS = 3


def main() -> None:
    """Deploy, run, and take the pictures; nothing is left running."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("WINNOW_", "PREFECT_"))}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    at = f"http://127.0.0.1:{port}"
    deployed = own | {"PREFECT_API_URL": f"{at}/api", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    bin_ = Path(sys.executable).parent
    service = [sys.executable, "-m", "flows.deployed.service"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "answers"
        subprocess.run(
            [bin_ / "winnow", "demo", "--home", "demo"], cwd=name, env=own, stdout=subprocess.DEVNULL, check=True
        )
        shutil.move(Path(name) / "demo-files", folder)
        shutil.copy(HERE.parent / "prefect.yaml", folder)
        # prefect.yaml asks a shell's variable where it is.
        deployed["PWD"] = str(folder)
        try:
            for words in (
                [*service, "up", "--port", port],
                [bin_ / "prefect", "--no-prompt", "deploy", "--all"],
                [bin_ / "prefect", "deployment", "run", "curate-nightly/curate-nightly"],
            ):
                subprocess.run(words, cwd=folder, env=deployed, stdout=subprocess.DEVNULL, check=True)
            _wait_for_runs(at)
            (counts,) = _ask(at, "artifacts/filter", {"artifacts": {"key": {"any_": ["winnow-run"]}}})
            _take(f"{at}/deployments", HERE / "prefect.png", 540)
            _take(f"{at}/artifacts/artifact/{counts['id']}", HERE / "prefect-counts.png", 660)
        finally:
            subprocess.run([*service, "down"], cwd=folder, env=own, check=True)


def _wait_for_runs(at: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        runs = _ask(at, "flow_runs/filter", {"flow_runs": {"deployment_id": {"is_null_": False}}})
        if sum(run["state_type"] in FINISHED for run in runs) >= RUNS:
            return
        time.sleep(1)
    sys.exit(f"after {PATIENCE:.0f} seconds there are no {RUNS} finished runs at {at}")


def _ask(at: str, what: str, wanted: dict[str, Any]) -> Any:
    said = Request(f"{at}/api/{what}", json.dumps(wanted).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(said, timeout=30) as answer:  # noqa: S310  (the server was started above)
        return json.load(answer)


def _take(page: str, picture: Path, height: int) -> None:
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDTH},{height}"]
    # The page draws itself from what the server answers.
    waiting = "--virtual-time-budget=20000"
    chromium = os.environ.get("CHROMIUM", "chromium")
    subprocess.run(
        [chromium, *options, waiting, f"--screenshot={picture}", page], stderr=subprocess.DEVNULL, check=True
    )


if __name__ == "__main__":
    main()
