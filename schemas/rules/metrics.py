"""The names of metrics: what a rule may read, of which type, and which measures it takes to know them.

A measure looks at one text (`prompt_overlap` at an answer and its prompt). Its metrics are `prompt_M`, `chosen_M` and
`rejected_M`; of what can be subtracted also the gap `M_gap` (chosen minus rejected, so a positive gap favours the
chosen side); of lengths also the ratio `M_ratio` (longer by shorter, null where the shorter is zero).

Media are measured like texts: a metric is that of the first picture, sound or video of the prompt or of the answer. How
words and media of prompt and answer go together is a score of the answer; a score without a part, such as
`clip_score`, is the lower one of the two answers.

What trainings say of pairs is a metric too (`MODEL_METRICS`), though nothing measures it: it is read where the newest
training wrote it down.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import polars as pl

from schemas.tables import DERIVED, FACTS

Part = Literal["prompt", "chosen", "rejected", "gap", "ratio", "lower"]


class Measure(NamedTuple):
    """What is measured: the type of the result, and the parts of a pair that have a metric of it."""

    dtype: pl.DataType
    parts: tuple[Part, ...]


class Metric(NamedTuple):
    """A measure of one part of a pair."""

    measure: str
    part: Part
    dtype: pl.DataType


_SIDES: tuple[Part, ...] = ("prompt", "chosen", "rejected")
_LENGTH = Measure(pl.Int64(), (*_SIDES, "gap", "ratio"))
_COUNT = Measure(pl.Int64(), (*_SIDES, "gap"))
_SHARE = Measure(pl.Float64(), (*_SIDES, "gap"))

MEASURES: dict[str, Measure] = {
    "chars": _LENGTH,
    "words": _LENGTH,
    "lines": _LENGTH,
    "tokens": _LENGTH,
    "repetition": _SHARE,
    "readability": _SHARE,
    "markdown_share": _SHARE,
    "code_share": _SHARE,
    "prompt_overlap": Measure(pl.Float64(), ("chosen", "rejected", "gap")),
    "is_refusal": Measure(pl.Boolean(), _SIDES),
    "language": Measure(pl.String(), _SIDES),
    "language_confidence": Measure(pl.Float64(), _SIDES),
    "toxic_words": _COUNT,
    "urls": _COUNT,
    "pii": _COUNT,
    "emails": _COUNT,
    "phones": _COUNT,
    "ip_addresses": _COUNT,
    "credit_cards": _COUNT,
    "ibans": _COUNT,
}
# What a model that was never taught to judge it thinks a picture may show: SafeSora's twelve labels, and the likeliest.
HARMS = [
    "harm", "harm_adult_explicit_sexual", "harm_animal_abuse", "harm_child_abuse", "harm_crime",
    "harm_debated_sensitive_social_issue", "harm_drug_weapons_substance_abuse",
    "harm_insulting_hateful_aggressive_behavior", "harm_violence_injury_gory", "harm_racial_discrimination",
    "harm_other_discrimination", "harm_terrorism_organized_crime", "harm_other_harmful_content",
]  # fmt: skip
_SIZE = Measure(pl.Int64(), (*_SIDES, "gap"))
MEDIA_MEASURES: dict[str, Measure] = {
    "width": _SIZE,
    "height": _SIZE,
    "frames": _SIZE,
    "sample_rate": _SIZE,
    **dict.fromkeys(("duration_s", "fps"), _SHARE),
    **{name: _SHARE for name in DERIVED["media_metrics"].names if name != "media_id"},
    **dict.fromkeys(HARMS, _SHARE),
}
_LOOKED_AT = frozenset({"image", "video"})
_SCORE = Measure(pl.Float64(), ("chosen", "rejected", "gap", "lower"))
SCORE_MEASURES: dict[str, Measure] = {"clip_score": _SCORE, "caption_similarity": _SCORE, "f_clip_score": _SCORE}
# The kinds of media that can be measured so; a sound has no width.
MODALITIES: dict[str, frozenset[str]] = {
    **dict.fromkeys((*MEDIA_MEASURES, *SCORE_MEASURES), _LOOKED_AT),
    **dict.fromkeys(("frames", "fps", "motion", "cuts", "frozen_share", "temporal_consistency"), frozenset({"video"})),
    **dict.fromkeys(("sample_rate", "loudness", "peak"), frozenset({"audio"})),
    **dict.fromkeys(("silence_share", "clipping_share", "speech_share"), frozenset({"audio"})),
    "duration_s": frozenset({"audio", "video"}),
}
PAIR_FLAGS: dict[str, pl.DataType] = {
    "is_empty": pl.Boolean(),
    "is_prompt_empty": pl.Boolean(),
    "is_same_normalised": pl.Boolean(),
}
MODEL_METRICS: dict[str, pl.DataType] = {
    "suspect_probability": pl.Float64(),
    "chosen_combined_reward": pl.Float64(),
    "rejected_combined_reward": pl.Float64(),
    "combined_reward_gap": pl.Float64(),
}
PAIR_COLUMNS = [
    "source", "dimension", "task", "modality", "language", "prompt", "chosen", "rejected", "margin", "tie", "n_votes",
    "agreement", "vote_share", "license", "commercial_ok",
]  # fmt: skip
JUDGMENT_COLUMNS = ["record_id", "dimension", "outcome", "strength", "n_votes", "vote_share_a", "rationale"]
ANNOTATOR_COLUMNS = [
    "source", "annotator_id", "judgments", "annotator_votes", "annotator_agreement", "annotator_tie_share",
    "annotator_first_share", "annotator_longer_share",
]  # fmt: skip


def metrics_of(measure: str) -> dict[str, Metric]:
    """Name the metrics that `measure` gives."""
    dtype, parts = (MEASURES | MEDIA_MEASURES | SCORE_MEASURES)[measure]
    return {_name(measure, part): Metric(measure, part, pl.Float64() if part == "ratio" else dtype) for part in parts}


def _name(measure: str, part: Part) -> str:
    if part == "lower":
        return measure
    return f"{part}_{measure}" if part in _SIDES else f"{measure}_{part}"


METRICS: dict[str, Metric] = {
    name: metric
    for measure in (*MEASURES, *MEDIA_MEASURES, *SCORE_MEASURES)
    for name, metric in metrics_of(measure).items()
}


def metric_types() -> dict[str, pl.DataType]:
    """Name every metric, with its type."""
    return PAIR_FLAGS | {name: metric.dtype for name, metric in METRICS.items()} | MODEL_METRICS


def model_metrics(names: Iterable[str]) -> list[str]:
    """List those of `names` that only a training can tell, in a fixed order."""
    wanted = set(names)
    return [name for name in MODEL_METRICS if name in wanted]


def rule_types(on: str) -> dict[str, pl.DataType]:
    """Name every column that a rule `on` pairs or judgments may read, with its type."""
    if on == "pairs":
        return _types(DERIVED["pairs"], PAIR_COLUMNS) | metric_types()
    return _types(FACTS["comparisons"], JUDGMENT_COLUMNS) | _types(FACTS["annotators"], ANNOTATOR_COLUMNS)


def scores_of(names: Iterable[str]) -> list[str]:
    """List the scores of words and media that are needed to know the metrics `names`, in a fixed order."""
    wanted = {metric.measure for metric in _metrics(names)}
    return [measure for measure in SCORE_MEASURES if measure in wanted]


def prompt_measures(names: Iterable[str]) -> list[str]:
    """List the measures of prompts that are needed to know the metrics `names`, in a fixed order."""
    return _measures(metric for metric in _metrics(names) if metric.part == "prompt")


def answer_measures(names: Iterable[str]) -> list[str]:
    """List the measures of answers that are needed to know the metrics `names`, in a fixed order."""
    return _measures(metric for metric in _metrics(names) if metric.part != "prompt")


def _metrics(names: Iterable[str]) -> list[Metric]:
    return [METRICS[name] for name in names if name in METRICS]


def _measures(metrics: Iterable[Metric]) -> list[str]:
    wanted = {metric.measure for metric in metrics}
    return [measure for measure in MEASURES if measure in wanted]


def _types(schema: object, columns: list[str]) -> dict[str, pl.DataType]:
    known = pl.Schema(schema)  # type: ignore[arg-type]
    return {column: known[column] for column in columns}
