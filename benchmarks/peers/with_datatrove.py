"""Near copies with datatrove: its four MinHash stages, two workers.

Run as `python with_datatrove.py TEXTS.jsonl FOLDER`; writes the ids that are kept into `FOLDER/kept.txt`.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig

WORKERS, FILES = 2, 4
CONFIG = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=16, hashes_per_bucket=8, n_grams=5)


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    split(source, folder / "in")
    work = {name: str(folder / name) for name in ("in", "signatures", "buckets", "remove", "out", "logs")}

    def run(stage: str, steps: list[object], tasks: int) -> None:
        LocalPipelineExecutor(steps, tasks=tasks, workers=WORKERS, logging_dir=f"{work['logs']}/{stage}").run()

    run("sign", [JsonlReader(work["in"]), MinhashDedupSignature(work["signatures"], config=CONFIG)], FILES)
    run("match", [MinhashDedupBuckets(work["signatures"], work["buckets"], config=CONFIG)], CONFIG.num_buckets)
    run("cluster", [MinhashDedupCluster(work["buckets"], work["remove"], config=CONFIG)], 1)
    run("filter", [JsonlReader(work["in"]), MinhashDedupFilter(work["remove"]), JsonlWriter(work["out"])], FILES)
    with (folder / "kept.txt").open("w") as kept:
        for path in sorted(Path(work["out"]).glob("*.jsonl.gz")):
            with gzip.open(path, "rt") as lines:
                kept.writelines(f"{json.loads(line)['id']}\n" for line in lines)


def split(source: Path, folder: Path) -> None:
    """Cut the rows into files, for a file is the smallest thing that a worker takes."""
    folder.mkdir()
    lines = source.read_bytes().splitlines(keepends=True)
    size = -(-len(lines) // FILES)
    for at in range(FILES):
        (folder / f"{at}.jsonl").write_bytes(b"".join(lines[at * size : (at + 1) * size]))


if __name__ == "__main__":
    main()
