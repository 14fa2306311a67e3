from __future__ import annotations

from warehouse.store import Receipt, Written
from warehouse.takedown.provenance import clean_keys, key_of


def receipt(key, inputs=None, *, is_reader=False, holds=True):
    notes = {} if inputs is None else {"inputs": inputs}
    notes |= {"rows_counted": 1} if is_reader else {}
    files = [Written(table="_signatures" if holds else "rows", path=f"work/{key}.parquet", rows=1, bytes=1, sha256="")]
    return Receipt(key=key, files=files, notes=notes)


def test_a_result_is_clean_if_all_it_is_made_of_is():
    known = {
        each.key: each
        for each in [
            receipt("untouched", is_reader=True),
            receipt("touched", is_reader=True),
            receipt("benchmark", []),
            receipt("paired", ["untouched"]),
            receipt("leaks", ["benchmark", "untouched"]),
            receipt("measured", ["paired", "untouched"]),
            receipt("tainted", ["touched"]),
            receipt("votes", ["paired", "tainted"]),
            receipt("orphan", ["a result that is gone"]),
            receipt("silent about its inputs"),
            receipt("published facts", holds=False),
        ]
    }
    published = ["untouched", "votes", "silent about its inputs", "published facts"]
    assert clean_keys(known, published) == {
        "untouched", "benchmark", "paired", "leaks", "measured", "published facts",
    }  # fmt: skip


def test_the_key_of_a_file_is_its_name():
    assert key_of("tables/rows/abc-1.parquet") == "abc-1"
