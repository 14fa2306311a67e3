"""Damaged and malicious input. `WINNOW_HOSTILE=large`, which `make hostile` sets, asks for a hundred times as much."""

import os

TIMES = 100 if os.environ.get("WINNOW_HOSTILE") == "large" else 1
