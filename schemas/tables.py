"""The fixed Arrow schema of every table.

Only types that Delta, DuckDB, Polars and pyarrow agree on: strings, booleans, int64, float64, timestamps, and lists of
them or of structs. No dictionaries, no unsigned integers, no float16, no fixed-size lists.
"""

from __future__ import annotations

import pyarrow as pa

_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())
_INT = pa.int64()
_FLOAT = pa.float64()
_FLAG = pa.bool_()
_TIME = pa.timestamp("us", tz="UTC")
MESSAGES = pa.list_(pa.struct([("role", _TEXT), ("content", _TEXT)]))


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


FACTS: dict[str, pa.Schema] = {
    "sources": _schema(
        source=_TEXT, adapter=_TEXT, path=_TEXT, files=_INT, bytes=_INT, rows_counted=_INT, revision=_TEXT,
        dimension=_TEXT, license=_TEXT, commercial_ok=_FLAG, evaluation_only=_FLAG, mapping=_TEXT,
    ),
    "rows": _schema(
        row_id=_TEXT, source=_TEXT, file=_TEXT, line=_INT, byte_offset=_INT, fate=_TEXT, raw_json=_TEXT,
    ),
    "records": _schema(
        record_id=_TEXT, row_ids=_TEXTS, source=_TEXT, adapter=_TEXT, task=_TEXT, modality=_TEXT, language=_TEXT,
        prompt_text=_TEXT, prompt_messages=MESSAGES, system=_TEXT, response_count=_INT, source_split=_TEXT,
        license=_TEXT, commercial_ok=_FLAG, evaluation_only=_FLAG, conversation_id=_TEXT, source_key=_TEXT,
        extras=_TEXT,
    ),
    "responses": _schema(
        record_id=_TEXT, response_id=_TEXT, index=_INT, text=_TEXT, media_id=_TEXT, modality=_TEXT, generator=_TEXT,
        row_id=_TEXT,
    ),
    "comparisons": _schema(
        comparison_id=_TEXT, record_id=_TEXT, a=_TEXT, b=_TEXT, dimension=_TEXT, outcome=_TEXT, outcome_raw=_TEXT,
        strength=_FLOAT, annotator_id=_TEXT, n_votes=_INT, vote_share_a=_FLOAT, rationale=_TEXT, row_id=_TEXT,
    ),
    "rankings": _schema(
        record_id=_TEXT, dimension=_TEXT, response_id=_TEXT, rank=_FLOAT, rank_raw=_TEXT, annotator_id=_TEXT,
        row_id=_TEXT,
    ),
    "ratings": _schema(
        record_id=_TEXT, target=_TEXT, target_id=_TEXT, dimension=_TEXT, value=_FLOAT, value_raw=_TEXT,
        scale_min=_FLOAT, scale_max=_FLOAT, annotator_id=_TEXT, rationale=_TEXT, row_id=_TEXT,
    ),
    "labels": _schema(
        record_id=_TEXT, target=_TEXT, target_id=_TEXT, taxonomy=_TEXT, label=_TEXT, value=_FLAG, value_raw=_TEXT,
        severity=_INT, annotator_id=_TEXT, row_id=_TEXT,
    ),
    "feedback": _schema(
        record_id=_TEXT, kind=_TEXT, target_ids=_TEXTS, dimension=_TEXT, text=_TEXT, annotator_id=_TEXT, row_id=_TEXT,
    ),
    "annotators": _schema(
        annotator_id=_TEXT, source=_TEXT, judgments=_INT, annotator_votes=_INT, annotator_agreement=_FLOAT,
        annotator_tie_share=_FLOAT, annotator_first_share=_FLOAT, annotator_longer_share=_FLOAT,
    ),
    "attachments": _schema(
        record_id=_TEXT, target=_TEXT, target_id=_TEXT, index=_INT, role=_TEXT, media_id=_TEXT, reference=_TEXT,
        row_id=_TEXT,
    ),
    "media": _schema(
        media_id=_TEXT, sha256=_TEXT, modality=_TEXT, mime=_TEXT, bytes=_INT, width=_INT, height=_INT,
        duration_s=_FLOAT, fps=_FLOAT, frames=_INT, sample_rate=_INT, channels=_INT, phash=_TEXT, source_path=_TEXT,
        error=_TEXT, note=_TEXT,
    ),
    "quarantine": _schema(
        row_id=_TEXT, source=_TEXT, file=_TEXT, line=_INT, byte_offset=_INT, reason=_TEXT, detail=_TEXT, raw=_TEXT,
    ),
}  # fmt: skip

DERIVED: dict[str, pa.Schema] = {
    "pairs": _schema(
        pair_id=_TEXT, pair_key=_TEXT, record_id=_TEXT, source=_TEXT, sources=_TEXTS, task=_TEXT, modality=_TEXT,
        language=_TEXT, dimension=_TEXT, prompt=_TEXT, chosen=_TEXT, rejected=_TEXT, chosen_id=_TEXT,
        rejected_id=_TEXT, chosen_media_id=_TEXT, rejected_media_id=_TEXT, margin=_FLOAT, tie=_FLAG, n_votes=_INT,
        agreement=_FLOAT, vote_share=_FLOAT, kept=_FLAG, reason=_TEXT, rule=_TEXT, split=_TEXT, component_id=_TEXT,
        license=_TEXT, commercial_ok=_FLAG,
    ),
    # One column per metric that the plan names is added at run time, each a float64, an int64, a boolean or a string.
    "metrics": _schema(pair_id=_TEXT),
    "media_metrics": _schema(
        media_id=_TEXT, aspect=_FLOAT, sharpness=_FLOAT, brightness=_FLOAT, contrast=_FLOAT, entropy=_FLOAT,
        loudness=_FLOAT, peak=_FLOAT, silence_share=_FLOAT, clipping_share=_FLOAT, speech_share=_FLOAT, motion=_FLOAT,
        cuts=_FLOAT, frozen_share=_FLOAT, temporal_consistency=_FLOAT,
    ),
    "captions": _schema(media_id=_TEXT, text=_TEXT, model=_TEXT, revision=_TEXT),
    "transcripts": _schema(
        media_id=_TEXT, text=_TEXT, language=_TEXT, segments=_TEXT, avg_logprob=_FLOAT, no_speech_prob=_FLOAT,
        model=_TEXT, revision=_TEXT,
    ),
    "embeddings": _schema(
        content_id=_TEXT, content=_TEXT, model=_TEXT, revision=_TEXT, dim=_INT, vector=pa.list_(pa.float32()),
        is_whole=_FLAG,
    ),
    "clusters": _schema(
        subject=_TEXT, key=_TEXT, method=_TEXT, cluster_id=_TEXT, subject_id=_TEXT, partner_id=_TEXT, score=_FLOAT,
    ),
    "contradictions": _schema(
        pair_key=_TEXT, dimension=_TEXT, ids=_TEXTS, sources=_TEXTS, votes_a=_FLOAT, votes_b=_FLOAT, method=_TEXT,
        settled=_TEXT,
    ),
    "decisions": _schema(
        subject_id=_TEXT, subject=_TEXT, stage=_TEXT, rule=_TEXT, action=_TEXT, reason=_TEXT, value=_TEXT,
        threshold=_TEXT, partner_id=_TEXT, score=_FLOAT,
    ),
    "splits": _schema(component_id=_TEXT, split=_TEXT),
    # The label that is judged is that of `pair_key` in this dimension: that `chosen_id` is better.
    "suspects": _schema(
        pair_id=_TEXT, probability=_FLOAT, model=_TEXT, fold=_INT, pair_key=_TEXT, dimension=_TEXT, chosen_id=_TEXT,
    ),
    "rewards": _schema(
        pair_key=_TEXT, response_id=_TEXT, dimension=_TEXT, reward=_FLOAT, reference=_FLOAT, model=_TEXT, fold=_INT,
    ),
    "trainings": _schema(
        training_id=_TEXT, kind=_TEXT, snapshot=_INT, config=_TEXT, code_version=_TEXT, model=_TEXT, revision=_TEXT,
        seed=_INT, device=_TEXT, started_at=_TIME, seconds=_FLOAT, curve=_TEXT,
    ),
    "evaluations": _schema(
        training_id=_TEXT, metric=_TEXT, source=_TEXT, dimension=_TEXT, bin=_TEXT, value=_FLOAT, low=_FLOAT,
        high=_FLOAT, baseline=_FLOAT, n=_INT,
    ),
}  # fmt: skip

HOUSEKEEPING: dict[str, pa.Schema] = {
    "snapshots": _schema(
        snapshot=_INT,
        created_at=_TIME,
        run_id=_TEXT,
        run_key=_TEXT,
        plan=_TEXT,
        code_version=_TEXT,
        tables=_TEXT,
    ),
    "runs": _schema(
        run_id=_TEXT,
        started_at=_TIME,
        ended_at=_TIME,
        state=_TEXT,
        snapshot=_INT,
        plan=_TEXT,
        message=_TEXT,
    ),
    # `columns` is a JSON object, name → Arrow type: files of one table may differ after an upgrade, and in `metrics`.
    "files": pa.schema(
        [("table", _TEXT), ("path", _TEXT), ("rows", _INT), ("bytes", _INT), ("sha256", _TEXT), ("columns", _TEXT)]
    ),
}

TABLES: dict[str, pa.Schema] = FACTS | DERIVED | HOUSEKEEPING
