"""Near copies with data-juicer: its `document_minhash_deduplicator` by its own command, two processes.

Run as `python with_data_juicer.py TEXTS.jsonl FOLDER`; writes the ids that are kept into `FOLDER/kept.txt`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RECIPE = {
    "np": 2,
    "use_cache": False,
    "text_keys": "text",
    "process": [
        {
            "document_minhash_deduplicator": {
                "tokenization": "space",
                "window_size": 5,
                "lowercase": True,
                "num_permutations": 128,
                "jaccard_threshold": 0.8,
                "num_bands": 16,
                "num_rows_per_band": 8,
            }
        }
    ],
}


def main() -> None:
    source, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    recipe = folder / "recipe.yaml"
    # JSON is YAML.
    recipe.write_text(json.dumps({**RECIPE, "dataset_path": str(source), "export_path": str(folder / "out.jsonl")}))
    subprocess.run([str(Path(sys.executable).with_name("dj-process")), "--config", str(recipe)], check=True)
    with (folder / "out.jsonl").open() as lines, (folder / "kept.txt").open("w") as kept:
        kept.writelines(f"{json.loads(line)['id']}\n" for line in lines)


if __name__ == "__main__":
    main()
