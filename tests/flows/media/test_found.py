"""Media from rows to the home: as bytes in rows, below folders, inside archives."""

import base64
import hashlib
import io
import json
import tarfile
import zipfile

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import warehouse
from schemas.errors import Terminal
from tests.flows.here import broken, run

PLAN = """
name: pictures
{media}
sources:
  - name: pictures
    path: rows.*
    mapping:
      prompt: {{columns: [prompt], media: [picture]}}
      responses: [{{media: one}}, {{media: two}}]
      winner: {{column: better, values: {{"1": a, "2": b}}}}
"""


def drawn(colour):
    sink = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(sink, "PNG")
    return sink.getvalue()


BYTES = {"cat": drawn("red"), "dog": drawn("blue"), "bird": drawn("green")}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def rows(name):
    """The same two rows, whichever way the media are named."""
    return [
        {"prompt": "Another cat", "picture": name("cat"), "one": name("dog"), "two": name("bird"), "better": "1"},
        {"prompt": "Another dog", "picture": name("dog"), "one": name("cat"), "two": name("cat"), "better": "2"},
    ]


def as_parquet(root):
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    schema = pa.schema(
        [("prompt", pa.string()), ("picture", kind), ("one", kind), ("two", kind), ("better", pa.string())]
    )
    found = rows(lambda name: {"bytes": BYTES[name], "path": f"{name}.png"})
    pq.write_table(pa.Table.from_pylist(found, schema), root / "rows.parquet")


def as_lines(root, name):
    (root / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(name)))


def as_addresses(root):
    as_lines(root, lambda name: "data:image/png;base64," + base64.b64encode(BYTES[name]).decode())


def as_paths(root):
    as_lines(root, lambda name: f"./deep/{name}.png")
    (root / "media/deep").mkdir(parents=True)
    for name, data in BYTES.items():
        (root / f"media/deep/{name}.png").write_bytes(data)


def packed(root, mode="w:gz"):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:
        for name, data in {"other": b"nobody asked for it", **BYTES}.items():
            about = tarfile.TarInfo(f"./deep/{name}.png")
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return target.getvalue()


def as_tar(root):
    as_lines(root, lambda name: f"deep/{name}.png")
    (root / "videos.tar.gz").write_bytes(packed(root))


def as_pieces(root):
    as_lines(root, lambda name: f"deep/{name}.png")
    whole = packed(root)
    for at in range(3):
        (root / f"videos.tar.gz{at}").write_bytes(whole[at * len(whole) // 3 : (at + 1) * len(whole) // 3])


def as_zip(root):
    as_lines(root, lambda name: f"deep/{name}.png")
    with zipfile.ZipFile(root / "pictures.zip", "w") as archive:
        for name, data in BYTES.items():
            archive.writestr(f"deep/{name}.png", data)


WAYS = {
    "bytes in Parquet": (as_parquet, ""),
    "data: addresses": (as_addresses, ""),
    "paths": (as_paths, "media: {root: media}"),
    "a tar": (as_tar, "media: {root: videos.tar.gz}"),
    "a tar in pieces": (as_pieces, "media: {root: videos.tar.gz*}"),
    "a zip": (as_zip, "media: {root: [pictures.zip]}"),
}


def curate(root, media):
    (root / "plan.yaml").write_text(PLAN.format(media=media))
    run(root / "plan.yaml", root / "home")
    return warehouse.open(root / "home")


@pytest.mark.parametrize("way", WAYS)
def test_each_content_is_kept_once_however_rows_name_it(tmp_path, way):
    write, media = WAYS[way]
    write(tmp_path)
    opened = curate(tmp_path, media)
    kept = {place.name: place.read_bytes() for place in (tmp_path / "home/media").glob("*/*")}
    assert kept == {sha(data): data for data in BYTES.values()}
    attached = opened.table("attachments").collect()
    names = {sha(data)[:32]: name for name, data in BYTES.items()}
    told = attached.join(opened.table("records").collect(), on="record_id")
    by_prompt = {
        (prompt, target): sorted(names[each] for each in media)
        for prompt, target, media in told.group_by("prompt_text", "target").agg("media_id").iter_rows()
    }
    assert by_prompt == {
        ("Another cat", "prompt"): ["cat"],
        ("Another cat", "response"): ["bird", "dog"],
        ("Another dog", "prompt"): ["dog"],
        ("Another dog", "response"): ["cat", "cat"],
    }
    pairs = opened.table("pairs").sort("prompt").collect()
    assert [names.get(each) for each in pairs["chosen_media_id"]] == ["dog", "cat"]
    assert pairs["reason"].to_list() == [None, "identical_sides"]
    assert opened.table("records").collect()["task"].to_list() == ["edit", "edit"]
    assert broken(tmp_path / "home") == []


def test_the_ids_do_not_depend_on_how_rows_name_media(tmp_path):
    found = []
    for way, (write, media) in WAYS.items():
        root = tmp_path / way
        root.mkdir()
        write(root)
        found.append(curate(root, media).table("responses").collect()["response_id"].sort().to_list())
    assert found == [found[0]] * len(found)


def test_rows_do_not_hold_the_bytes_of_media(tmp_path):
    for way in ("bytes in Parquet", "data: addresses"):
        root = tmp_path / way
        root.mkdir()
        WAYS[way][0](root)
        raw = "".join(curate(root, "").table("rows").collect()["raw_json"])
        assert base64.b64encode(BYTES["cat"]).decode() not in raw
        assert sha(BYTES["cat"]) in raw


def test_media_that_nobody_can_find_are_named_and_the_judgments_stay(tmp_path):
    as_lines(tmp_path, lambda name: f"{name}.png")
    opened = curate(tmp_path, "")
    assert list((tmp_path / "home/media").glob("*/*")) == []
    assert opened.table("attachments").collect()["reference"].unique().sort().to_list() == [
        "bird.png", "cat.png", "dog.png",
    ]  # fmt: skip
    assert opened.table("pairs").collect().filter("kept").height == 1


def test_a_second_run_finds_nothing_new_and_a_new_file_is_found(tmp_path):
    as_paths(tmp_path)
    (tmp_path / "media/deep/bird.png").unlink()
    curate(tmp_path, "media: {root: media}")
    assert run(tmp_path / "plan.yaml", tmp_path / "home").is_new is False
    (tmp_path / "media/deep/bird.png").write_bytes(BYTES["bird"])
    opened = curate(tmp_path, "media: {root: media}")
    assert len(list((tmp_path / "home/media").glob("*/*"))) == 3
    assert opened.table("snapshots").collect().height == 2


def test_a_root_that_is_not_there_is_told(tmp_path):
    as_paths(tmp_path)
    with pytest.raises(Terminal, match="nothing is at pictures"):
        curate(tmp_path, "media: {root: pictures}")


def test_one_picture_in_two_records_ties_them_to_one_split(tmp_path):
    lines = [
        {"prompt": f"Prompt {n}", "picture": None, "one": f"{n}a.png", "two": f"{n // 2}b.png", "better": "1"}
        for n in range(40)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines))
    pairs = curate(tmp_path, "split: {train: 0.5, test: 0.5}").table("pairs").collect()
    components = (
        pairs.with_columns(n=pl.col("prompt").str.slice(7).cast(pl.Int64) // 2).group_by("n").agg("component_id")
    )
    assert all(len(set(each)) == 1 for each in components["component_id"])
    assert pairs["component_id"].n_unique() == 20
    assert pairs["split"].n_unique() == 2
