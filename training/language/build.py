"""From a job to one of TRL's trainers."""

from __future__ import annotations

import os
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl import DPOConfig, KTOConfig, RewardConfig

from schemas.errors import Terminal
from schemas.plan.train.language import DpoTraining, KtoTraining, LanguageTraining, RewardTraining
from training.language.job import Folder, Job
from training.language.model import adapters, load_policy, load_reward_model
from training.language.trainers import (
    BCOTrainer,
    RewardModelTrainer,
    RewardShift,
    ScaledDPOTrainer,
    WholeKTOTrainer,
    with_column,
)

# So many points of a curve are enough to see it; checkpoints lie on them, or a resumed curve would miss some.
_POINTS = 200


def build_trainer(job: Job, folder: Folder, tokenizer: PreTrainedTokenizerBase) -> Any:
    """Make the trainer that `job` asks for, with its model and its rows. Raises Terminal if it cannot work."""
    told = job.config
    half = told.lora is not None and torch.cuda.is_available()
    common: dict[str, Any] = {
        "processing_class": tokenizer,
        "peft_config": adapters(told.lora, scores=job.kind == "reward"),
    }
    if isinstance(told, RewardTraining):
        return _reward(told, folder, load_reward_model(job.place, tokenizer, half=half), common)
    common["model"] = load_policy(job.place, half=half)
    common["ref_model"] = None if told.lora else load_policy(job.place, half=half)
    return _dpo(told, folder, common) if isinstance(told, DpoTraining) else _kto(told, folder, common)


def _reward(told: RewardTraining, folder: Folder, model: PreTrainedModel, common: dict[str, Any]) -> Any:
    rows = _datasets(folder)
    trainer = RewardModelTrainer(model=model, args=RewardConfig(**_arguments(told, folder, rows)), **rows, **common)
    trainer.told = told
    trainer.data_collator = with_column(trainer.data_collator, "tie")
    return _kept(trainer, told)


def _dpo(told: DpoTraining, folder: Folder, common: dict[str, Any]) -> Any:
    rows = _datasets(folder)
    is_bco = told.loss == "bco"
    args = DPOConfig(
        beta=told.beta,
        loss_type=["bco_pair" if is_bco else told.loss],
        precompute_ref_log_probs=is_bco,
        **_arguments(told, folder, rows),
    )
    if is_bco:
        return _kept(BCOTrainer(args=args, callbacks=[RewardShift()], **rows, **common), told)
    trainer = ScaledDPOTrainer(args=args, **rows, **common)
    trainer.scaling = told.scaling
    if told.scaling is not None:
        trainer.data_collator = with_column(trainer.data_collator, "gap")
    return _kept(trainer, told)


def _kto(told: KtoTraining, folder: Folder, common: dict[str, Any]) -> Any:
    if told.batch < 2:
        raise Terminal("KTO sets the answers of a batch against each other: say a batch of 2 or more")
    rows = _datasets(folder)
    args = KTOConfig(
        beta=told.beta,
        desirable_weight=told.desirable_weight,
        undesirable_weight=told.undesirable_weight,
        **_arguments(told, folder, rows),
    )
    return _kept(WholeKTOTrainer(args=args, **rows, **common), told)


def _kept(trainer: Any, told: LanguageTraining) -> Any:
    trainer.keep_checkpoints = told.checkpoints.keep
    return trainer


def _arguments(told: LanguageTraining, folder: Folder, rows: dict[str, Dataset]) -> dict[str, Any]:
    """Give what all of TRL's configs take."""
    on_cuda = torch.cuda.is_available()
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    of_epochs = told.epochs * len(rows["train_dataset"]) / (told.batch * told.accumulate * processes)
    steps = told.max_steps or max(1, round(of_epochs))
    every = told.checkpoints.every
    # Of the divisors of the distance of two checkpoints, the first that leaves few enough points.
    log = next(each for each in range(1, every + 1) if every % each == 0 and (steps / each <= _POINTS or each == every))
    return {
        "output_dir": str(folder.checkpoints),
        "per_device_train_batch_size": told.batch,
        "per_device_eval_batch_size": told.batch,
        "gradient_accumulation_steps": told.accumulate,
        "learning_rate": told.learning_rate,
        "num_train_epochs": told.epochs,
        "max_steps": told.max_steps or -1,
        "warmup_steps": told.warmup if told.warmup < 1 else float(steps),
        "lr_scheduler_type": told.schedule,
        "weight_decay": told.weight_decay,
        "max_length": told.max_length,
        "save_strategy": "steps",
        "save_steps": every,
        "eval_strategy": "steps" if len(rows.get("eval_dataset", [])) >= told.batch else "no",
        "eval_steps": every,
        "logging_steps": log,
        "restore_callback_states_from_checkpoint": True,
        "bf16": on_cuda and torch.cuda.is_bf16_supported(),
        "use_cpu": not on_cuda,
        "gradient_checkpointing": on_cuda,
        "dataloader_pin_memory": on_cuda,
        "seed": told.seed,
        "data_seed": told.seed,
        "report_to": [],
        "disable_tqdm": True,
    }


def _datasets(folder: Folder) -> dict[str, Dataset]:
    """Open the rows on the disk; what is made of them lies beside them, where all processes find it."""
    names = {"train_dataset": "train", "eval_dataset": "held_out"}
    cache = str(folder.path / "cache")
    rows = {
        name: Dataset.from_parquet(str(folder.pairs[part]), cache_dir=cache, split=part) for name, part in names.items()
    }
    return {name: found for name, found in rows.items() if len(found)}
