"""What LLaMA-Factory, OpenRLHF and align-anything make of an export, by what their readers demand of a row.

The three are not installed. Each reader below is written after the behaviour of theirs: which file is opened, which
columns are read, and what makes them skip a row or go wrong.
"""

from __future__ import annotations

import json
from collections import Counter

import datasets
import pytest

from tests.trainers.conftest import PAIRS, talk

SPLITS = {"train", "validation", "test"}


def truth():
    """Every usable pair: its conversation, the better and the worse answer."""
    pairs = [(talk(n), f"It is {n + 1}.", f"Perhaps {n}?") for n in range(PAIRS)]
    return [
        (prompt, *((yes, no) if n % 2 == 0 else (no, yes))) for n, (prompt, yes, no) in enumerate(pairs)
    ]  # fmt: skip


def counted(found):
    return Counter(json.dumps(each, sort_keys=True) for each in found)


class LlamaFactory:
    """Opens the file that `dataset_info.json` names and renames its columns; skips what it calls abnormal."""

    TAGS = {"human": "user", "gpt": "assistant"}

    def __init__(self, folder, name):
        self.entry = json.loads((folder / "dataset_info.json").read_text())[name]
        kind = {"parquet": "parquet", "jsonl": "json"}[self.entry["file_name"].split(".")[-1]]
        self.rows = datasets.load_dataset(kind, data_files=[str(folder / self.entry["file_name"])], split="train")

    def __iter__(self):
        assert self.entry["formatting"] == "sharegpt"
        columns = self.entry["columns"]
        for row in self.rows:
            said = [self.message(each) for each in row[columns["messages"]]]
            assert [each["role"] for each in said] == ["user", "assistant"] * (len(said) // 2) + ["user"] * (
                len(said) % 2
            )
            assert len(said) % 2 == (1 if self.entry["ranking"] else 0)
            system = [{"role": "system", "content": row[columns["system"]]}] if row[columns["system"]] else []
            if self.entry["ranking"]:
                answers = [self.message(row[columns[side]]) for side in ("chosen", "rejected")]
                assert all(isinstance(row[columns[side]], dict) for side in ("chosen", "rejected"))
                assert {each["role"] for each in answers} == {"assistant"}
                yield system + said, *[each["content"] for each in answers]
            else:
                assert isinstance(row[columns["kto_tag"]], bool)
                yield system + said[:-1], said[-1]["content"], row[columns["kto_tag"]]

    def message(self, said):
        return {"role": self.TAGS[said["from"]], "content": said["value"]}


@pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
def test_llama_factory_ranks(exported, file_format):
    folder = exported("llama-factory", format=file_format)
    assert json.loads((folder / "dataset_info.json").read_text()).keys() == SPLITS
    assert counted(row for split in SPLITS for row in LlamaFactory(folder, split)) == counted(truth())


def test_llama_factory_tags(exported):
    folder = exported("llama-factory", "unpaired")
    both = [(prompt, answer, answer == better) for prompt, better, worse in truth() for answer in (better, worse)]
    assert counted(row for split in SPLITS for row in LlamaFactory(folder, split)) == counted(both)


def template(messages, *, add_generation_prompt=False):
    text = "".join(f"<{each['role']}>{each['content']}</>" for each in messages)
    return text + "<assistant>" * add_generation_prompt


def openrlhf(row, prompt_key):
    """Apply the chat template to whole conversations, and cut the prompt off where it is told apart."""
    if prompt_key is None:
        return "", template(row["chosen"]), template(row["rejected"]), row["margin"]
    prompt = template(row[prompt_key], add_generation_prompt=True)
    sides = [template(row[prompt_key] + row[side]) for side in ("chosen", "rejected")]
    assert all(side.startswith(prompt) for side in sides)
    return prompt, *[side[len(prompt) :] for side in sides], row["margin"]


@pytest.mark.parametrize(("form", "prompt_key"), [("preference", "prompt"), ("implicit", None)])
def test_openrlhf_rewards(exported, form, prompt_key):
    data = datasets.load_dataset(str(exported("openrlhf", form)))
    read = [openrlhf(row, prompt_key) for split in data for row in data[split]]
    said = [
        tuple(template([*prompt, {"role": "assistant", "content": answer}]) for answer in answers)
        for prompt, *answers in truth()
    ]
    assert sorted((prompt + chosen, prompt + rejected) for prompt, chosen, rejected, _ in read) == sorted(said)
    assert {margin for *_, margin in read} == {1.0}


def test_openrlhf_prompts(exported):
    data = datasets.load_dataset(str(exported("openrlhf", "prompt-only")))
    said = [template(row["input"], add_generation_prompt=True) for split in data for row in data[split]]
    assert len(said) == len(set(said)) == PAIRS + 2


def test_align_anything_tells_the_better_from_the_worse(exported):
    folder = str(exported("align-anything") / "PKUSafeRLHF")
    read, first = [], []
    for split in SPLITS:
        for row in datasets.load_dataset(folder, split=split):
            better = int(row["better_response_id"])
            read.append((row["prompt"], row[f"response_{better}"], row[f"response_{1 - better}"]))
            first.append(better == 0)
    said = [
        (
            prompt[0]["content"]
            if len(prompt) == 1
            else "\n\n".join(f"{each['role']}: {each['content']}" for each in prompt),
            better,
            worse,
        )
        for prompt, better, worse in truth()
    ]
    # A pair of user turns that no chat template knows is one text here.
    assert sorted(read) == sorted([*said, ("user: Odd?\n\nuser: Very?", "Yes.", "No.")])
    assert 0.25 < sum(first) / len(first) < 0.75
