"""The process that trains: started, listened to, and ended with the command that started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import typer

from schemas.errors import Terminal
from training.language.job import Folder

_LINES_SHOWN = 3


def train_apart(folder: Folder, processes: int, tell: Callable[[str, int, int], None]) -> str:
    """Run the job in `folder` in a process of its own, or one per GPU; return the device it ran on.

    `tell` hears its steps. Raises Terminal with what it ended with; its log stays in the folder. It ends when this
    process does, however that ends.
    """
    words = [sys.executable, *_launcher(processes), "-m", "training.language", str(folder.path)]
    environment = os.environ | {"HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "TOKENIZERS_PARALLELISM": "false"}
    said: dict[str, str] = {}
    with (
        folder.log.open("a", encoding="utf-8") as log,
        # The process reads its standard input to learn of our end.
        subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                _hear(line, said, tell)
                # What is written into is not cleaned away as abandoned.
                os.utime(folder.log)
        except BaseException:
            process.kill()
            raise
        process.stdin.close() if process.stdin else None
    if process.returncode:
        raise Terminal(said.get("error") or _last_words(folder, process.returncode))
    return said.get("device", "cpu")


def _launcher(processes: int) -> list[str]:
    """Start several processes by accelerate, with nothing left to a config of the machine."""
    if processes == 1:
        return []
    import torch

    there = torch.cuda.device_count()
    if there < processes:
        raise Terminal(
            f"{processes} processes need {processes} GPUs, and there are {there}: say `processes: {there or 1}`"
        )
    alone = ["--num_machines", "1", "--dynamo_backend", "no", "--mixed_precision", "no"]
    return ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(processes), *alone]


def _hear(line: str, said: dict[str, str], tell: Callable[[str, int, int], None]) -> None:
    """Take in a line of the process; what other libraries print is not JSON."""
    with suppress(ValueError):
        heard = json.loads(line)
        if not isinstance(heard, dict):
            return
        if "done" in heard:
            tell("training", heard["done"], heard["of"])
        if "note" in heard:
            typer.secho(heard["note"], fg="yellow", err=True)
        said.update({name: str(value) for name, value in heard.items() if name in ("error", "device")})


def _last_words(folder: Folder, code: int) -> str:
    lines = folder.log.read_text(encoding="utf-8", errors="replace").splitlines()
    told = " | ".join(lines[-_LINES_SHOWN:])
    return f"the training ended with code {code}: {told}; all of it is in {folder.log}; the next call goes on"
