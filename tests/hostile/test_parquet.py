"""Mutated Parquet files: rows are right, or bad, or not there at all; nothing crashes, hangs or lies."""

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.plan.sources import Source
from schemas.reasons import Reason
from tasks.ingest.parse import parse
from tests.hostile import TIMES
from warehouse.intake import count_rows, find, read

pytestmark = pytest.mark.hostile

ROWS = [
    {"id": n, "prompt": f"question {n} of many", "chosen": "yes " * (n % 9), "rejected": "no", "score": n / 7}
    for n in range(240)
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    place = tmp_path_factory.mktemp("parquet") / "a.parquet"
    table = pa.Table.from_pylist(ROWS)
    pq.write_table(table, place, row_group_size=80, compression="zstd", write_page_checksum=True, data_page_size=512)
    return place.read_bytes()


def mutated(whole, chance):
    """Cut the file, or change 1 to 40 of its bytes, half the time near the footer."""
    data = bytearray(whole)
    if chance.random() < 0.2:
        del data[chance.randrange(len(data)) :]
        return bytes(data)
    start = len(data) - 2500 if chance.random() < 0.5 else 0
    for _ in range(chance.choice([1, 1, 2, 5, 40])):
        data[chance.randrange(start, len(data))] = chance.randrange(256)
    return bytes(data)


def read_all(folder):
    (shard,) = find(Source(name="x", path="a.parquet"), folder, folder)
    rows = list(parse(read(shard)))
    lost = [bad for part in rows for bad in part.bad]
    return (
        {line: doc for part in rows for line, doc in zip(part.lines, part.docs, strict=True)},
        lost,
        count_rows(shard),
    )


@pytest.mark.parametrize("seed", range(5 * TIMES))
def test_no_mutation_of_a_file_with_checksums_gives_a_wrong_row(whole, tmp_path, seed):
    chance = random.Random(seed)
    for turn in range(100):
        (tmp_path / "a.parquet").write_bytes(mutated(whole, chance))
        docs, lost, counted = read_all(tmp_path)
        wrong = {line: doc for line, doc in docs.items() if doc != ROWS[line - 1]}
        assert not wrong, f"seed {seed}, turn {turn}"
        assert len(docs) + len(lost) == counted, f"seed {seed}, turn {turn}"
        assert {bad.reason for bad in lost} <= {Reason.damaged_file, Reason.not_utf8}
