"""A tiny causal language model of the texts it is given: a byte-level BPE and a few layers, in a minute on a CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

Messages = list[dict[str, str]]

_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_MARKS = ["<|end|>", "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>"]
_LEARNING_RATE = 3e-3
_IGNORED = -100


def make_language_model(
    talks: Sequence[Messages],
    place: Path,
    *,
    steps: int,
    seed: int,
    tell: Callable[[int, int], None],
    batch: int = 16,
    vocabulary: int = 1024,
    width: int = 128,
    layers: int = 2,
) -> float:
    """Train tokenizer and model on conversations, write both to `place` as the Hub holds them; return the last loss.

    The same talks and seed give the same model on a CPU. `tell` hears how many of the steps are done.
    """
    torch.manual_seed(seed)
    tokenizer = _make_tokenizer([said["content"] for talk in talks for said in talk], vocabulary)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer), hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers,
            num_attention_heads=4, num_key_value_heads=4, tie_word_embeddings=True,
            pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=None,
        )
    )  # fmt: skip
    encoded = tokenizer.apply_chat_template(list(talks), tokenize=True, return_dict=True)["input_ids"]
    tokens = [torch.tensor(ids) for ids in encoded]
    optimiser = torch.optim.AdamW(model.parameters(), lr=_LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _LEARNING_RATE, total_steps=steps)
    loss = torch.tensor(float("nan"))
    for step, ids in enumerate(_batches(tokens, batch, steps, tokenizer.pad_token_id), start=1):
        loss = _loss(model, ids, tokenizer.pad_token_id)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        tell(step, steps)
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return float(loss.detach())


def _make_tokenizer(texts: Sequence[str], vocabulary: int) -> PreTrainedTokenizerFast:
    plain = Tokenizer(models.BPE())
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=_MARKS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    plain.train_from_iterator(texts, trainer)
    end, pad = _MARKS[:2]
    return PreTrainedTokenizerFast(tokenizer_object=plain, eos_token=end, pad_token=pad, chat_template=_TEMPLATE)


def _batches(tokens: Sequence[Tensor], batch: int, steps: int, pad: int) -> Iterator[Tensor]:
    """Give `steps` batches, going through all texts in a new order as often as it takes."""
    given = 0
    while True:
        order = torch.randperm(len(tokens)).tolist()
        for at in range(0, max(len(order) - batch + 1, 1), batch):
            if given == steps:
                return
            yield pad_sequence([tokens[row] for row in order[at : at + batch]], batch_first=True, padding_value=pad)
            given += 1


def _loss(model: Qwen2ForCausalLM, ids: Tensor, pad: int) -> Tensor:
    logits = model(input_ids=ids, attention_mask=(ids != pad).long(), use_cache=False).logits
    after = ids[:, 1:].masked_fill(ids[:, 1:] == pad, _IGNORED)
    return cross_entropy(logits[:, :-1].flatten(0, 1), after.flatten(), ignore_index=_IGNORED)
