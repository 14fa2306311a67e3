"""Runs a callable in a process of its own, with a fault at its k-th disk operation.

    python -m tests.chaos.child '{"call": "module:function", "args": [...], "at": 7, "strike": "kill", "after": false}'

`spawn` and `run` do it from a test. Children are new processes, never forks: deltalake and polars do not survive those.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def spawn(call: str, *args: object, at: int = 0, strike: str = "kill", after: bool = False) -> subprocess.Popen[str]:
    """Start `module:function` with JSON-able `args` in a child."""
    told = {"call": call, "args": [str(arg) if isinstance(arg, Path) else arg for arg in args]}
    told |= {"at": at, "strike": strike, "after": after}
    command = [sys.executable, "-m", "tests.chaos.child", json.dumps(told)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(call: str, *args: object, **fault: Any) -> tuple[int, str]:
    """Run it to its end; return its exit code (negative: the signal it died of) and what it said."""
    process = spawn(call, *args, **fault)
    said, complained = process.communicate(timeout=300)
    return process.returncode, said + complained


def main() -> None:
    from tests.chaos.faults import faults

    told = json.loads(sys.argv[1])
    module, function = told["call"].split(":")
    called = getattr(importlib.import_module(module), function)
    with faults(told["at"], told["strike"], after=told["after"]):
        called(*told["args"])


if __name__ == "__main__":
    main()
