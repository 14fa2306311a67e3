"""The chapter on media of a small home: every planted thing is there, nothing else is asked for, texts are folded."""

import io
import json
import re
import wave

import numpy as np
import polars as pl
import pytest
from lxml import html

import warehouse
from flows.report.page import make_report
from tests.flows.here import broken, run
from tests.flows.media.test_seen import picture, sound, video
from tests.flows.report.media.planted import plant
from tests.flows.report.test_report import EVIL, figure, table
from tests.warehouse.shelf import frame
from warehouse.home import Home
from warehouse.media.shelf import blob_place

PLAN = """
name: seen
dedupe: {perceptual: null}
media: {root: media}
sources:
  - name: seen
    path: rows.jsonl
    mapping:
      prompt: prompt
      responses: [{media: one}, {media: two}]
      winner: {column: better, values: {"1": a, "2": b}}
      labels: [{path: [harms_one, harms_two], taxonomy: harms}]
  - name: asked
    path: asked.jsonl
    mapping:
      prompt: {columns: [prompt], media: [picture]}
      responses: [good, bad]
      winner: {always: a}
rules:
  - {name: tiny, drop: "chosen_width < 20"}
  - {name: curt, drop: "length(chosen) < 4"}
metrics: [chosen_width]
split: {train: 0.5, test: 0.5}
"""


def half_silent(seconds=2.0, rate=8_000):
    samples = (np.sin(np.arange(int(seconds * rate)) / 5) * 9_000).astype("<i2")
    samples[len(samples) // 2 :] = 0
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "NONE"))
        file.writeframes(samples.tobytes())
    return sink.getvalue()


FILES = {
    "good.png": picture(64, 48), "other.png": picture(80, 60, "blue"), "tiny.png": picture(10, 8),
    "copy.png": picture(320, 240), "lost.png": picture(70, 50, "white"), "harm.png": picture(90, 70, "black"),
    "torn.png": picture(300, 200, "green")[:-40], "text.png": b"this is no picture",
    "good.wav": sound(1.5), "half.wav": half_silent(), "good.mp4": video(2), "short.mp4": video(1),
}  # fmt: skip
ROWS = [
    ("kept", "good.png", "other.png"), ("too small", "tiny.png", "good.png"), ("torn", "torn.png", "good.png"),
    ("no picture", "good.png", "text.png"), ("gone", "good.png", "gone.png"), ("sounds", "good.wav", "half.wav"),
    ("videos", "good.mp4", "short.mp4"), ("copies", "copy.png", "lost.png"), ("harm", "other.png", "harm.png"),
]  # fmt: skip
ASKED = [{"prompt": f"{EVIL} What is it?", "picture": "other.png", "good": f"{EVIL} yes", "bad": "It is not."},
         {"prompt": "And now?", "picture": "good.png", "good": "ok", "bad": f"{EVIL} not"}]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("seen")
    (root / "media").mkdir()
    for name, data in FILES.items():
        (root / "media" / name).write_bytes(data)
    lines = [
        {"prompt": f"{EVIL} {prompt}", "one": one, "two": two, "better": "1",
         "harms_one": [], "harms_two": ["nudity"] if two == "harm.png" else []}
        for prompt, one, two in ROWS
    ]  # fmt: skip
    (root / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (root / "asked.jsonl").write_text("".join(json.dumps(line) + "\n" for line in ASKED))
    (root / "plan.yaml").write_text(PLAN)
    run(root / "plan.yaml", root / "home")
    home = Home.at(root / "home")
    opened = warehouse.open(home)
    known = ids(opened)
    assert broken(home.path) == []
    star = [("good.png", None, 1.0), ("copy.png", "good.png", 0.91), ("tiny.png", "good.png", 0.83)]
    echo = [("copy.png", None, 1.0), ("tiny.png", "copy.png", 0.85)]
    seen = [name for name in FILES if name not in ("torn.png", "text.png") and not name.endswith(".wav")]
    angles = np.linspace(0, 5, len(seen))
    judged = opened.table("pairs").filter(pl.col("chosen_media_id") == known["copy.png"]).select("pair_id").collect()
    plant(
        home,
        metrics=judged.with_columns(chosen_harm=pl.lit(0.7)),
        clusters=pl.concat([cluster(known, "image", star), cluster(known, "image", echo),
                            cluster(known, "audio", [("good.wav", None, 1.0), ("half.wav", "good.wav", 0.9)])]),
        captions=frame("captions", known["good.png"], text=pl.lit(f"{EVIL} red")),
        transcripts=frame("transcripts", known["half.wav"], text=pl.lit(f"{EVIL} hush")),
        embeddings=frame(
            "embeddings", *[known[name] for name in seen], content=pl.lit("media"), model=pl.lit("eye"),
            revision=pl.lit("1"), dim=pl.lit(3, pl.Int64),
            vector=pl.Series([[float(np.cos(at)), float(np.sin(at)), 0.1] for at in angles]).cast(pl.List(pl.Float32)),
        ),
    )  # fmt: skip
    sha256 = opened.table("media").filter(pl.col("source_path") == "lost.png").collect()["sha256"].item()
    blob_place(home, sha256).unlink()
    return home


def ids(opened):
    return dict(opened.table("media").select("source_path", "media_id").collect().iter_rows())


def cluster(known, key, members):
    rows = [(known[name], known[partner] if partner else None, score) for name, partner, score in members]
    told = pl.DataFrame(
        rows, schema={"subject_id": pl.String, "partner_id": pl.String, "score": pl.Float64}, orient="row"
    )
    said = {"subject": "media", "key": key, "method": "perceptual", "cluster_id": rows[0][0]}
    return told.with_columns(**{name: pl.lit(value) for name, value in said.items()}).select(frame("clusters").columns)


@pytest.fixture(scope="module")
def page(home):
    return make_report(warehouse.open(home))


@pytest.fixture
def tree(page):
    return html.fromstring(page.html)


@pytest.fixture
def known(home):
    return ids(warehouse.open(home))


def groups(node):
    return node.xpath(".//li[contains(@class, 'group')]")


def said(node):
    return " ".join(node.text_content().split())


def test_it_is_counted_what_there_is(page, tree):
    assert table(tree, "What there is")[1:] == [
        ["pictures", "image/png", "7", bytes_of("png"), "10 × 8 to 320 × 240", "–", "–"],
        ["pictures", "not known", "2", "18 B", "–", "–", "–"],
        ["sounds", "audio/wav", "2", bytes_of("wav"), "–", "1.8 s", "2.0 s"],
        ["videos", "video/mp4", "2", bytes_of("mp4"), "64 × 48", "1.5 s", "2.0 s"],
    ]
    assert "13 media, 3 unreadable" in page.findings


def bytes_of(ending):
    size = sum(len(data) for name, data in FILES.items() if name.endswith(ending) and name != "text.png")
    return f"{size / 1000:.1f} kB"


def test_faults_are_counted_by_how_they_begin(tree):
    assert sorted(table(tree, "What cannot be read")[1:]) == [
        ["not a medium", "1", "1", "·", "·"],
        ["not found", "1", "1", "·", "·"],
        ["truncated", "1", "1", "·", "·"],
    ]


def test_copies_stand_beside_what_they_repeat(tree, known):
    drawn = figure(tree, "Copies that look or sound the same")
    assert table(tree, "Copies that look or sound the same")[1:] == [
        ["pictures", "2", "2", "3", "0.83"],
        ["sounds", "1", "1", "2", "0.90"],
    ]
    # The second star of pictures shows nothing new.
    star, sounds = groups(drawn)
    chips = [chip.text for chip in star.xpath(".//p[contains(@class, 'chip')]")]
    assert chips == ["stands for all", "copy, score 0.83", "copy, score 0.91"]
    shown = [known[name][:12] for name in ("good.png", "tiny.png", "copy.png")]
    assert [line for line in star.xpath(".//p[@class='line']/text()") if line in shown] == shown
    assert len(star.xpath(".//img")) == 3
    assert len(sounds.xpath(".//*[local-name()='svg']")) == 2


def test_what_was_dropped_is_shown_by_reason_and_rule(tree, known):
    sheets = {sheet.findtext("h4"): sheet for sheet in figure(tree, "What was dropped").xpath(".//div[@class='sheet']")}
    assert set(sheets) == {
        "unreadable_media: 3 pairs", "dropped_by_rule by tiny: 1 pair", "dropped_by_rule by curt: 1 pair",
    }  # fmt: skip
    tiny = sheets["dropped_by_rule by tiny: 1 pair"]
    assert "chosen_width < 20" in said(tiny)
    (group,) = groups(tiny)
    assert group.findtext("p").endswith("chosen_width 10")
    assert [chip.text for chip in group.xpath(".//p[contains(@class, 'chip')]")] == ["chosen", "rejected"]
    assert [line for line in group.xpath(".//p[@class='line']/text()") if " " not in line] == [
        known["tiny.png"][:12], known["good.png"][:12],
    ]  # fmt: skip
    problems = [said(each) for each in sheets["unreadable_media: 3 pairs"].xpath(".//div[contains(@class, 'missing')]")]
    assert sorted(problem.partition(":")[0] for problem in problems) == ["not a medium", "not found", "truncated"]
    assert "gone.png" in said(sheets["unreadable_media: 3 pairs"])
    # What a rule read may be a text of the data: it is not quoted, and the answers are folded.
    (curt,) = groups(sheets["dropped_by_rule by curt: 1 pair"])
    assert re.fullmatch(r"pair [0-9a-f]{12}", curt.findtext("p"))
    assert [each.findtext("summary") for each in curt.xpath("./details")] == ["prompt", "chosen", "rejected"]
    assert [chip.text for chip in curt.xpath(".//p[contains(@class, 'chip')]")] == ["prompt"]


def test_videos_have_a_poster_a_strip_and_a_duration(tree):
    first, second = sorted(groups(figure(tree, "Videos")), key=said)
    for group, seconds in ((first, "1.0 s"), (second, "2.0 s")):
        assert len(group.xpath(".//span[@class='pane']/img")) == 1
        assert len(group.xpath(".//span[@class='strip']/img")) == 4
        assert group.xpath(".//span[@class='badge']/text()") == [seconds]


def test_sounds_have_a_waveform_with_silence_and_their_words(tree, known):
    spoken, plain = groups(figure(tree, "Sounds"))
    assert known["half.wav"][:12] in said(spoken)
    (band,) = spoken.xpath(".//*[@class='silence']")
    assert float(band.get("x")) == pytest.approx(80, abs=2)
    assert "50% silent" in spoken.xpath(".//@aria-label")[0]
    assert spoken.xpath(".//summary/text()") == ["transcript"]
    assert plain.xpath(".//*[@class='silence']") == []


def test_bytes_that_are_gone_are_told(tree):
    assert "its bytes are gone" in said(figure(tree, "Pictures"))


def test_what_a_label_or_a_model_calls_harmful_is_veiled(tree, known):
    harmful = [known[name][:12] for name in ("harm.png", "copy.png")]
    for title in ("Pictures", "Videos", "What was dropped"):
        for tile in figure(tree, title).xpath(".//div[starts-with(@class, 'tile')][.//img]"):
            assert is_veiled(tile) == any(name in said(tile) for name in harmful)
    assert all(name in said(figure(tree, "Pictures")) for name in harmful)


def test_what_is_said_of_one_copy_is_said_of_all(tree):
    star, _ = groups(figure(tree, "Copies that look or sound the same"))
    assert all(is_veiled(tile) for tile in star.xpath(".//div[@class='tile']"))


def is_veiled(tile):
    return bool(tile.xpath(".//label[contains(@class, 'veiled')]//input[@type='checkbox']"))


def test_the_map_has_a_dot_for_each_and_pictures_of_some(tree, known):
    drawn = figure(tree, "A map")
    dots = drawn.xpath(".//*[local-name()='circle']")
    assert len(dots) == 8
    pinned = drawn.xpath(".//*[local-name()='g']/*[local-name()='title']/text()")
    assert 1 <= len(pinned) <= 12
    assert not any(
        title.startswith(tuple(known[name][:12] for name in ("harm.png", "copy.png", "lost.png"))) for title in pinned
    )
    tiny = [dot for dot in dots if known["tiny.png"][:12] in dot.text_content()]
    assert [dot.get("class") for dot in tiny] == ["t-dropped"]
    assert "100.0% of what differs" in said(drawn.find("figcaption"))


def test_texts_are_shown_only_to_who_opens_them(tree):
    (chapter,) = tree.xpath("//section[@id='media']")
    assert "EVIL" in chapter.text_content()
    for each in chapter.xpath(".//details"):
        assert each.get("open") is None
        assert "EVIL" not in each.find("summary").text_content()
        each.drop_tree()
    assert "EVIL" not in html.tostring(chapter, encoding="unicode")


def test_nothing_is_asked_of_another_place(page, tree):
    assert tree.xpath("//script | //link | //iframe | //object | //embed | //base") == []
    pictures = tree.xpath("//@src") + tree.xpath("//*[local-name()='image']/@href")
    assert pictures
    assert all(each.startswith("data:image/jpeg;base64,") for each in pictures)
    assert "url(" not in tree.find(".//style").text
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_every_picture_has_words(tree):
    for each in tree.xpath("//section[@id='media']//img[not(ancestor::span[@class='strip'])]"):
        assert re.fullmatch(r"(Picture|Video) [0-9a-f]{12}", each.get("alt"))
    assert all(each.get("alt") is not None for each in tree.xpath("//img"))


def test_the_same_snapshot_gives_the_same_page(home, page):
    assert make_report(warehouse.open(home)) == page
