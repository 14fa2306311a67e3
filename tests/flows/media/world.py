"""A home with pairs of every task, each with real media, and some whose media nobody has or nobody can use."""

from __future__ import annotations

from pathlib import Path

from tests.flows.here import run
from tests.flows.test_runs import write
from tests.media import picture, sound, video

PLAN = """
name: senses
media: {root: media}
sources:
  - {name: t2t, path: t2t.jsonl, license: MIT, mapping: {prompt: prompt, responses: [left, right], winner: &overall {column: better, values: {left: a, right: b, same: tie}}}}
  - {name: ti2t, path: ti2t.jsonl, license: MIT, mapping: {prompt: &asked {columns: [prompt], media: [shown]}, responses: [left, right], winner: *overall}}
  - {name: ta2t, path: ta2t.jsonl, license: MIT, mapping: {prompt: *asked, responses: [left, right], winner: *overall}}
  - {name: tv2t, path: tv2t.jsonl, license: MIT, mapping: {prompt: *asked, responses: [left, right], winner: *overall}}
  - {name: t2i, path: t2i.jsonl, license: MIT, mapping: {prompt: prompt, responses: &made [{media: left}, {media: right}], winner: *overall}}
  - {name: t2a, path: t2a.jsonl, license: MIT, mapping: {prompt: prompt, responses: *made, winner: *overall}}
  - name: t2v
    path: t2v.jsonl
    license: CC-BY-NC-4.0
    mapping:
      prompt: prompt
      responses: [{media: left, generator: by}, {media: right}]
      winner:
        overall: {column: better, values: {left: a, right: b, same: tie}}
        harmlessness: {column: safer, values: {left: a, right: b, same: tie}}
        informativeness: {column: richer, values: {left: a, right: b}, is_optional: true}
        motion: {column: smoother, values: {left: a, right: b}, is_optional: true}
      labels: [{path: [left_safe, right_safe], taxonomy: safesora, label: is_safe}]
  - name: ti2ti
    path: ti2ti.jsonl
    license: MIT
    mapping: {prompt: *asked, responses: [{text: left, media: left_shown}, {text: right, media: right_shown}], winner: *overall}
split: {train: 0.6, test: 0.4}
"""
MAKERS = {"png": picture, "wav": sound, "mp4": video}
KINDS = {"i": "png", "a": "wav", "v": "mp4"}
ROWS = 6


class Senses:
    """The rows of every task, and the files that they name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, bytes] = {}
        self.rows: dict[str, list[dict[str, object]]] = {}
        for at, (task, asked, answered) in enumerate(
            [
                ("t2t", "", ""),
                ("ti2t", "i", ""),
                ("ta2t", "a", ""),
                ("tv2t", "v", ""),
                ("t2i", "", "i"),
                ("t2a", "", "a"),
                ("t2v", "", "v"),
                ("ti2ti", "i", "i"),
            ]
        ):
            self.rows[task] = [self._row(task, 20 * at, n, asked, answered) for n in range(ROWS)]
        self.rows["ti2t"] += self._odd("ti2t", "png")
        self.rows["t2i"][0]["better"] = "same"

    def make(self, name: str, ending: str, number: int) -> str:
        """Make a file with content of its own, and return the path that rows say."""
        self.files[f"{name}.{ending}"] = MAKERS[ending](number)
        return f"./{name}.{ending}"

    def _row(self, task: str, base: int, n: int, asked: str, answered: str) -> dict[str, object]:
        row: dict[str, object] = {"prompt": f"What about {task} {n}?", "better": ("left", "right")[n % 2]}
        if asked:
            row["shown"] = self.make(f"{task}-{n}-asked", KINDS[asked], base + n)
        for at, side in enumerate(("left", "right")):
            if not answered or task == "ti2ti":
                row[side] = f"The {side} answer to {task} {n}"
            if answered:
                medium = self.make(f"{task}-{n}-{side}", KINDS[answered], base + 100 * (at + 1) + n)
                row[f"{side}_shown" if task == "ti2ti" else side] = medium
        if task == "t2v":
            row |= {"safer": ("right", "left", "same")[n % 3], "by": "sora", "left_safe": True, "right_safe": n == 0}
            row |= {"richer": "left"} if n == 0 else {"richer": None}
            row |= {"smoother": "left"} if n == 1 else {"smoother": None}
        return row

    def _odd(self, task: str, ending: str) -> list[dict[str, object]]:
        """A medium that nobody has, a broken one, an answer that says a tag, a prompt that says where, and a list."""
        said = {"left": "Yes, it is.", "right": "No, it is not.", "better": "left"}
        (self.root / "broken").write_text("torn")
        self.files["torn.png"] = picture(77)[:30]
        good = self.make("good", ending, 78)
        return [
            {"prompt": "Gone?", "shown": "./nowhere.png", **said},
            {"prompt": "Torn?", "shown": "./torn.png", **said},
            {"prompt": "Tagged?", "shown": good, **said, "left": "It is <image> like this."},
            {"prompt": "Before\n<image>\nand after?", "shown": self.make("placed", ending, 79), **said},
            {"prompt": "Both?", "shown": [good, self.make("second", ending, 80)], **said},
        ]

    def curate(self) -> Path:
        """Write everything down, run, and return the home."""
        (self.root / "plan.yaml").write_text(PLAN)
        (self.root / "media").mkdir()
        for name, data in self.files.items():
            (self.root / "media" / name).write_bytes(data)
        for task, rows in self.rows.items():
            write(self.root / f"{task}.jsonl", rows)
        run(self.root / "plan.yaml", self.root / "home")
        return self.root / "home"
