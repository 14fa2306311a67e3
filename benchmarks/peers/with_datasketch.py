"""Near copies with datasketch: MinHash in bulk, then a row is kept unless the index of the kept rows knows it.

Run as `python with_datasketch.py TEXTS.jsonl FOLDER`; writes the ids that are kept into `FOLDER/kept.txt`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from datasketch import MinHash, MinHashLSH
from rows import read_rows, shingles, write_kept


def main() -> None:
    ids, texts = read_rows(Path(sys.argv[1]))
    signed = MinHash.bulk(([each.encode() for each in shingles(text)] for text in texts), num_perm=128)
    index = MinHashLSH(threshold=0.8, num_perm=128, params=(16, 8))
    kept = []
    for at, signature in enumerate(signed):
        if not index.query(signature):
            index.insert(at, signature)
            kept.append(at)
    write_kept(Path(sys.argv[2]), ids, kept)


if __name__ == "__main__":
    main()
