"""However many media there are, and whatever they show, the page stays small and its examples few."""

import io
import json

import numpy as np
import polars as pl
import pytest
from lxml import html
from PIL import Image

import warehouse
from flows.report.page import make_report
from flows.report.sections.media.drops import MOST_TILES
from tests.flows.here import run
from tests.flows.report.media.planted import plant
from tests.flows.report.test_report import figure
from tests.warehouse.shelf import frame
from warehouse.home import Home

REASONS = 7
PLAN = f"""
name: crowd
dedupe: {{perceptual: null}}
media: {{root: media}}
sources:
  - name: crowd
    path: rows.jsonl
    mapping:
      prompt: {{columns: [prompt], media: [asked]}}
      responses: [{{media: one}}, {{media: two}}]
      winner: {{always: a}}
rules:
{"".join(f'  - {{name: rule{at}, drop: "prompt = {chr(39)}group {at}{chr(39)}"}}{chr(10)}' for at in range(REASONS))}
"""


def noise(rng):
    sink = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (160, 160, 3)).astype(np.uint8)).save(sink, "PNG")
    return sink.getvalue()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root, rng = tmp_path_factory.mktemp("crowd"), np.random.default_rng(0)
    (root / "media").mkdir()
    rows = []
    for at in range(12 * REASONS):
        names = [f"{at}-{side}.png" for side in ("asked", "one", "two")]
        for name in names:
            (root / "media" / name).write_bytes(noise(rng))
        asked, one, two = names
        rows.append({"prompt": f"group {at % REASONS}", "asked": asked, "one": one, "two": two})
    (root / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (root / "plan.yaml").write_text(PLAN)
    run(root / "plan.yaml", root / "home")
    home = Home.at(root / "home")
    media = warehouse.open(home).table("media").select("media_id").collect()["media_id"].sort()
    stars = pl.DataFrame(
        [("media", "image", "perceptual", media[at // 12 * 12], media[at], None if at % 12 == 0 else media[at // 12 * 12],
          1.0 if at % 12 == 0 else 0.9) for at in range(120)],
        schema=frame("clusters").schema, orient="row",
    )  # fmt: skip
    vectors = rng.normal(size=(len(media), 4)).tolist()
    plant(
        home,
        clusters=stars,
        embeddings=frame(
            "embeddings", *media, content=pl.lit("media"), model=pl.lit("eye"), revision=pl.lit("1"),
            dim=pl.lit(4, pl.Int64), vector=pl.Series(vectors).cast(pl.List(pl.Float32)),
        ),
    )  # fmt: skip
    return make_report(warehouse.open(home)).html


def test_the_page_is_bounded(page):
    assert page.count("data:image/jpeg") <= 200
    assert len(page.encode()) < 4_000_000


def test_every_reason_that_is_shown_has_its_share(page):
    drawn = figure(html.fromstring(page), "What was dropped")
    sheets = drawn.xpath(".//div[@class='sheet']")
    assert len(sheets) == 6
    assert f"of {REASONS} reasons" in drawn.find("figcaption").text_content()
    counted = [len(sheet.xpath(".//img")) for sheet in sheets]
    assert MOST_TILES - 3 < sum(counted) <= MOST_TILES
    assert max(counted) - min(counted) <= 3


def test_large_groups_of_copies_say_how_many_are_left_out(page):
    drawn = figure(html.fromstring(page), "Copies that look or sound the same")
    titles = drawn.xpath(".//p[@class='group-title']/text()")
    assert titles == ["12 media, 7 copies more"] * 4
    assert len(drawn.xpath(".//img")) == 20
