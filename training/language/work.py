"""Train what a folder asks for, from its newest whole checkpoint on, and judge it on the test pairs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback, set_seed
from typing_extensions import override

from schemas.plan.train.language import PolicyTraining
from training.language.answers.samples import Reference, drift
from training.language.answers.score import Talk, as_tokens, log_probabilities, prompt_tokens, scores
from training.language.build import build_trainer
from training.language.checkpoints import newest_checkpoint
from training.language.job import Folder, Job
from training.language.model import load_policy, load_tokenizer

Tell = Callable[[dict[str, Any]], None]


def work(path: Path, tell: Tell) -> None:
    """Do the job in the folder `path`: write model, curve and scores beside it. Raises Terminal if it cannot be done.

    A job that was broken off goes on from its newest whole checkpoint, to the same curve on a CPU.
    """
    folder = Folder(path)
    job = folder.read()
    set_seed(job.config.seed)
    tokenizer = load_tokenizer(job.place, job.chat_template)
    trainer = build_trainer(job, folder, tokenizer)
    trainer.add_callback(_Progress(tell))
    is_main = trainer.is_world_process_zero()
    if is_main:
        tell({"device": trainer.accelerator.device.type})
    if is_main and job.kind == "reward":
        _judge(job, folder, trainer, tokenizer, None).write_parquet(folder.untrained)
    newest, torn = newest_checkpoint(folder.checkpoints)
    for place in torn if is_main else ():
        tell({"note": f"{place.name} is torn and not used"})
    trainer.accelerator.wait_for_everyone()
    trainer.train(resume_from_checkpoint=str(newest) if newest else None)
    trainer.save_model(str(folder.model))
    if is_main:
        tokenizer.save_pretrained(folder.model)
        reference = _reference(job, trainer) if isinstance(job.config, PolicyTraining) else None
        _judge(job, folder, trainer, tokenizer, reference).write_parquet(folder.scores)
        if reference is not None and isinstance(job.config, PolicyTraining) and job.config.samples:
            _sample(job.config, folder, trainer, tokenizer, reference)
        folder.curve.write_text(json.dumps(_curve(trainer.state.log_history)), encoding="utf-8")


class _Progress(TrainerCallback):  # type: ignore[misc]
    """Says after every step how far the training is."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    @override
    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Tell the number of steps."""
        if state.is_world_process_zero:
            self._tell({"done": state.global_step, "of": state.max_steps})


def _judge(
    job: Job, folder: Folder, trainer: Any, tokenizer: PreTrainedTokenizerBase, reference: Reference | None
) -> pl.DataFrame:
    """Give the rewards of the test pairs: (pair_id, chosen_reward, rejected_reward); a policy's need its reference."""
    rows = pl.read_parquet(folder.pairs["test"]).filter(~pl.col("tie"))
    found = {"pair_id": rows["pair_id"]}
    told = job.config
    model = trainer.accelerator.unwrap_model(trainer.model)
    for side in ("chosen", "rejected"):
        talks = [
            as_tokens(tokenizer, prompt, said, told.max_length)
            for prompt, said in zip(rows["prompt"].to_list(), rows[side].to_list(), strict=True)
        ]
        rewards = (
            _implicit(told, model, reference, talks, tokenizer)
            if isinstance(told, PolicyTraining) and reference is not None
            else scores(model, talks, tokenizer.pad_token_id, told.batch)
        )
        found[f"{side}_reward"] = pl.Series(rewards.numpy(), dtype=pl.Float64)
    return pl.DataFrame(found)


def _implicit(
    told: PolicyTraining,
    policy: PreTrainedModel,
    reference: Reference,
    talks: list[Talk],
    tokenizer: PreTrainedTokenizerBase,
) -> Tensor:
    """Return β·log π/π_ref, the reward that a policy stands for (Rafailov et al. 2023, equation 5)."""
    ours = log_probabilities(policy, talks, tokenizer.pad_token_id, told.batch)
    with reference() as model:
        return told.beta * (ours - log_probabilities(model, talks, tokenizer.pad_token_id, told.batch))


def _reference(job: Job, trainer: Any) -> Reference:
    """Return what lends the model that the training began with; it is loaded once."""
    policy = trainer.accelerator.unwrap_model(trainer.model)
    if job.config.lora is not None:
        return partial(_without_adapters, policy)
    return partial(nullcontext, load_policy(job.place, half=False).to(policy.device))


@contextmanager
def _without_adapters(policy: Any) -> Iterator[PreTrainedModel]:
    with policy.disable_adapter():
        yield policy


def _sample(
    told: PolicyTraining, folder: Folder, trainer: Any, tokenizer: PreTrainedTokenizerBase, reference: Reference
) -> None:
    prompts = pl.read_parquet(folder.pairs["test"])["prompt"].unique(maintain_order=True)
    chosen = prompts.sample(min(told.samples, len(prompts)), seed=told.seed, shuffle=True)
    if chosen.is_empty():
        return
    asked = [prompt_tokens(tokenizer, prompt)[-told.max_length :] for prompt in chosen.to_list()]
    policy = trainer.accelerator.unwrap_model(trainer.model)
    found = drift(
        policy, reference, asked, pad=tokenizer.pad_token_id, new_tokens=told.new_tokens, batch=told.batch,
        seed=told.seed,
    )  # fmt: skip
    folder.policy.write_text(json.dumps(found._asdict()), encoding="utf-8")


def _curve(history: list[dict[str, float]]) -> list[dict[str, float]]:
    """Keep of what a trainer logged the losses, and how often it was right, by step."""
    names = {
        "loss": "loss", "eval_loss": "held_out_loss", "accuracy": "accuracy", "rewards/accuracies": "accuracy",
        "eval_accuracy": "held_out_accuracy", "eval_rewards/accuracies": "held_out_accuracy",
        "learning_rate": "learning_rate",
    }  # fmt: skip
    curve = []
    for logged in history:
        point = {new: logged[old] for old, new in names.items() if old in logged}
        if point:
            curve.append({"step": logged["step"], **point})
    return curve
