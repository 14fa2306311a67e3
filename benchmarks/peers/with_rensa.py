"""Near copies with rensa: R-MinHash signatures, bands, similarities estimated from signatures, one row per group.

Run as `python with_rensa.py TEXTS.jsonl FOLDER`; writes the ids that are kept into `FOLDER/kept.txt`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rensa import RMinHash, RMinHashLSH
from rows import keep_first_of_groups, read_rows, shingles, write_kept

THRESHOLD = 0.8


def main() -> None:
    ids, texts = read_rows(Path(sys.argv[1]))
    signed = RMinHash.from_token_sets([shingles(text) for text in texts], num_perm=128, seed=42)
    index = RMinHashLSH(threshold=THRESHOLD, num_perm=128, num_bands=16)
    index.insert_pairs(enumerate(signed))
    found = [
        (at, other)
        for at, candidates in enumerate(index.query_all(signed))
        for other in candidates
        if at < other and signed[at].jaccard(signed[other]) >= THRESHOLD
    ]
    write_kept(Path(sys.argv[2]), ids, keep_first_of_groups(len(ids), found))


if __name__ == "__main__":
    main()
