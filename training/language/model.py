"""Language models from folders: weights as safetensors only, no code from the folder, adapters on demand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, TaskType
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from schemas.errors import Terminal
from schemas.plan.train.language import Lora


def load_tokenizer(place: Path, chat_template: str | None) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a model. Raises Terminal if it is none, or has no chat template and is given none."""
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    except Exception as error:  # what a tokenizer's many makers raise is not written down anywhere
        raise Terminal(f"{place} has no tokenizer that can be loaded without running code: {error}") from error
    # Some kinds of tokenizers come up empty where their files are missing.
    if len(tokenizer) <= len(tokenizer.all_special_tokens):
        raise Terminal(f"{place} has no tokenizer: its vocabulary is empty; name a folder with model and tokenizer")
    if chat_template is not None:
        tokenizer.chat_template = chat_template
    if tokenizer.chat_template is None:
        raise Terminal(f"the tokenizer in {place} has no chat template: give one as `chat_template` beside the model")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_policy(place: Path, *, half: bool) -> PreTrainedModel:
    """Load a causal language model, in bf16 if `half`. Raises Terminal if there is none, or only pickled weights."""
    return _load(AutoModelForCausalLM, place, half=half)


def load_reward_model(place: Path, tokenizer: PreTrainedTokenizerBase, *, half: bool) -> PreTrainedModel:
    """Load a language model with one new score at its last token. Raises Terminal as `load_policy` does."""
    model = _load(AutoModelForSequenceClassification, place, half=half, num_labels=1)
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id
    return model


def adapters(lora: Lora | None, *, scores: bool) -> LoraConfig | None:
    """Describe the adapters to train, or none; with `scores` the new score is trained whole beside them."""
    if lora is None:
        return None
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.targets or "all-linear",
        task_type=TaskType.SEQ_CLS if scores else TaskType.CAUSAL_LM,
        modules_to_save=["score"] if scores else None,
    )


def _load(kind: Any, place: Path, *, half: bool, **more: Any) -> PreTrainedModel:
    precision = torch.bfloat16 if half else torch.float32
    try:
        model: PreTrainedModel = kind.from_pretrained(
            place, trust_remote_code=False, use_safetensors=True, dtype=precision, **more
        )
    except Exception as error:  # damaged files raise whatever their first reader raises
        raise Terminal(
            f"{place} holds no language model that can be loaded: {error}; winnow takes weights as safetensors and "
            "runs no code of a model"
        ) from error
    return model
