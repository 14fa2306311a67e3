"""A small home of coloured pictures, which a tiny image-text model with random weights tells apart."""

import io
import json
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tests.flows.here import run
from tests.flows.media.test_seen import sound
from tests.tasks.tiny_models import save_open_clip

PLAN = """
name: coloured
media: {root: media}
sources:
  - name: drawn
    path: drawn.jsonl
    mapping:
      prompt: prompt
      responses: [{media: one}, {media: two}]
      winner: {always: a}
      labels: [{path: [harm_one, harm_two], taxonomy: colours}]
  - name: asked
    path: asked.jsonl
    mapping:
      prompt: {columns: [prompt], media: [picture]}
      responses: [one, two]
      winner: {always: a}
  - name: heard
    path: heard.jsonl
    mapping: {prompt: prompt, responses: [{media: one}, {media: two}], winner: {always: a}}
  - name: alone
    path: alone.jsonl
    mapping:
      prompt: prompt
      responses: [{media: one}]
      labels:
        - {path: [harm], taxonomy: colours}
        - {path: [reddish], target: media, taxonomy: shades, label: reddish}
        - {path: why, target: prompt, taxonomy: questions, label: asks why}
split: {train: 0.6, validation: 0.2, test: 0.2}
"""


def coloured(red, blue, number, width=32):
    """A picture with this much red and blue, and noise that no other picture has."""
    noise = np.random.default_rng(number).integers(0, 40, (32, width, 3))
    pixels = noise + np.array([red, 60, blue])
    sink = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(sink, "PNG")
    return sink.getvalue()


def make_home(root: Path, pairs: int = 150, alone: int = 150) -> Path:
    """Curate pairs in which the redder and wider picture is better, and pictures whose labels are their colours."""
    (root / "media").mkdir()
    random = np.random.default_rng(5)
    drawn, single = [], []
    for at in range(pairs):
        row = {"prompt": f"a picture with the number {at}"}
        for side, red in (("one", random.integers(150, 210)), ("two", random.integers(0, 90))):
            row[side], row[f"harm_{side}"] = _picture(root, f"{at}-{side}", int(red), random)
        drawn.append(row)
    for at in range(alone):
        row = {"why": bool(random.integers(2))}
        row["prompt"] = f"{'why is it this' if row['why'] else 'what is a good'} {at}"
        row["one"], row["harm"] = _picture(root, f"alone-{at}", int(random.choice([30, 180])), random)
        row["reddish"] = row["harm"]["red"]
        single.append(row)
    for at in range(20):
        (root / f"media/asked-{at}.png").write_bytes(coloured(100, 100, at))
    asked = [
        {"prompt": f"What is {at}?", "picture": f"asked-{at}.png", "one": f"It is good {at}.", "two": f"Poor {at}!"}
        for at in range(20)
    ]
    for at in range(3):
        (root / f"media/{at}.wav").write_bytes(sound(0.5 + at / 10))
    heard = [{"prompt": f"a tone {at}", "one": f"{at}.wav", "two": f"{(at + 1) % 3}.wav"} for at in range(3)]
    for name, rows in (("drawn", drawn), ("asked", asked), ("heard", heard), ("alone", single)):
        (root / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (root / "plan.yaml").write_text(PLAN)
    save_open_clip(root / "clip")
    run(root / "plan.yaml", root / "home")
    return root


def _picture(root, name, red, random):
    blue, width = int(random.choice([20, 180])), 36 if name.endswith("one") else 32
    (root / f"media/{name}.png").write_bytes(coloured(red, blue, zlib.crc32(name.encode()), width))
    return f"{name}.png", {"red": red > 120, "blue": blue > 100, "never": False}
