"""TRL's own trainers take an export as it is: two steps each, on a model of a few thousand weights."""

from __future__ import annotations

import copy

import datasets
import pytest

pytest.importorskip("trl", reason="TRL is not installed: pip install 'winnow-curation[train]'")

import torch
from transformers import Qwen2ForCausalLM, Qwen2ForSequenceClassification
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer

from tests.trainers.tiny import config, make_tokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer()


def settings(kind, folder, **more):
    return kind(
        output_dir=str(folder / "run"), max_steps=2, per_device_train_batch_size=4, use_cpu=True, bf16=False,
        report_to=[], save_strategy="no", logging_steps=1, seed=1, disable_tqdm=True, **more,
    )  # fmt: skip


def trained(trainer):
    """Train, and return the loss, which a broken data set would make NaN."""
    torch.manual_seed(1)
    loss = trainer.train().training_loss
    assert loss == loss
    assert trainer.state.global_step == 2
    return loss


@pytest.mark.parametrize(("form", "file_format"), [("preference", "parquet"), ("implicit", "jsonl")])
def test_reward_trainer(exported, tokenizer, tmp_path, form, file_format):
    data = datasets.load_dataset(str(exported("trl", form, format=file_format)))
    model = Qwen2ForSequenceClassification(config(tokenizer, num_labels=1))
    trainer = RewardTrainer(
        model=model, args=settings(RewardConfig, tmp_path, eval_strategy="steps", eval_steps=2),
        processing_class=tokenizer, train_dataset=data["train"], eval_dataset=data["validation"],
    )  # fmt: skip
    assert "margin" in trainer.train_dataset.column_names
    assert trained(trainer) > 0
    assert 0.0 <= trainer.evaluate()["eval_accuracy"] <= 1.0


@pytest.mark.parametrize("form", ["preference", "implicit"])
def test_dpo_trainer(exported, tokenizer, tmp_path, form):
    data = datasets.load_dataset(str(exported("trl", form)))
    model = Qwen2ForCausalLM(config(tokenizer))
    trainer = DPOTrainer(
        model=model, ref_model=copy.deepcopy(model), args=settings(DPOConfig, tmp_path), processing_class=tokenizer,
        train_dataset=data["train"],
    )  # fmt: skip
    assert trained(trainer) == pytest.approx(0.693, abs=0.05)


def test_kto_trainer(exported, tokenizer, tmp_path):
    data = datasets.load_dataset(str(exported("trl", "unpaired")))
    model = Qwen2ForCausalLM(config(tokenizer))
    trainer = KTOTrainer(
        model=model, ref_model=copy.deepcopy(model), args=settings(KTOConfig, tmp_path), processing_class=tokenizer,
        train_dataset=data["train"],
    )  # fmt: skip
    assert trained(trainer) > 0


def test_prompts_take_the_chat_template(exported, tokenizer):
    data = datasets.load_dataset(str(exported("trl", "prompt-only")), split="train")
    text = tokenizer.apply_chat_template(data[0]["prompt"], tokenize=False, add_generation_prompt=True)
    assert text.endswith("plus one?<|end|><|assistant|>")
