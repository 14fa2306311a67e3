"""A training as a folder: what is to be done, the pairs, and where the results go. One process does it.

The folder is all that the process knows, so that `accelerate launch` can start it as often as there are GPUs, and
that a killed training goes on where it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.plan.train.language import DpoTraining, KtoTraining, RewardTraining

Kind = Literal["reward", "dpo", "kto"]
CONFIGS: dict[Kind, type[RewardTraining | DpoTraining | KtoTraining]] = {
    "reward": RewardTraining,
    "dpo": DpoTraining,
    "kto": KtoTraining,
}


class Job(BaseModel):
    """What is to be trained: `place` is the folder of the model, `chat_template` the text of a template or null."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    place: Path
    chat_template: str | None
    config: RewardTraining | DpoTraining | KtoTraining


class Folder:
    """Where the things of a job lie."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.job = path / "job.json"
        self.pairs = {part: path / f"{part}.parquet" for part in ("train", "held_out", "test")}
        self.checkpoints = path / "checkpoints"
        self.model = path / "model"
        self.curve = path / "curve.json"
        self.scores = path / "scores.parquet"
        self.untrained = path / "untrained.parquet"
        self.policy = path / "policy.json"
        self.log = path / "training.log"

    def read(self) -> Job:
        """Read what is to be done. Raises ValueError if it is not a job."""
        said = Job.model_validate_json(self.job.read_text(encoding="utf-8"))
        # The union would take the first that fits; the kind says which one it is.
        return said.model_copy(update={"config": CONFIGS[said.kind].model_validate(said.config.model_dump())})
