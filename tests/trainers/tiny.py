"""A causal model of a few thousand random weights and a tokenizer with a chat template, made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
MARKS = ["<|end|>", "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>"]
WORDS = ["What is 4 plus one?", "It is 5.", "Perhaps 4?", "Be brief.", "Count to 4."]


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Train a byte-level BPE on a handful of words."""
    plain = Tokenizer(models.BPE())
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    plain.train_from_iterator(
        WORDS, trainers.BpeTrainer(vocab_size=320, special_tokens=MARKS, initial_alphabet=alphabet, show_progress=False)
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=plain, eos_token="<|end|>", pad_token="<|pad|>", chat_template=TEMPLATE
    )


def config(tokenizer: PreTrainedTokenizerFast, **more: Any) -> Qwen2Config:
    return Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, **more,
    )  # fmt: skip


def save_model(folder: Path) -> None:
    """Write model and tokenizer as the Hub would hold them."""
    tokenizer = make_tokenizer()
    Qwen2ForCausalLM(config(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
