"""What a medium does to a child costs that medium alone, and every outcome comes in order."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from flows.media.pool import Pool
from flows.media.worker import Worker
from schemas.errors import Terminal
from tasks.media.decode.limits import Limits
from tasks.media.jobs import Frames, Pixels, Samples
from tasks.media.look import Look
from tests.flows.media.jobs import Count, Many, Obey, Strange
from tests.tasks.media.made import corners, picture, tone, video, wav

QUICK = Limits(seconds=1, wall=1, memory=256 << 20)


@pytest.fixture(scope="module")
def pool():
    with Pool(2) as pool:
        yield pool


@pytest.fixture
def items(tmp_path):
    def write(*contents):
        made = []
        for number, data in enumerate(contents):
            path = tmp_path / str(number)
            path.write_bytes(data)
            made.append((f"m{number}", path))
        return made

    return write


def test_outcomes_come_in_the_order_of_the_items(pool, items):
    contents = [os.urandom(size) for size in (1, 900_000, 10, 70_000, 3, 200_000, 5)]
    seen = list(pool.run(Count(limits=QUICK), items(*contents)))
    assert [each.media_id for each in seen] == [f"m{n}" for n in range(7)]
    assert [each.facts["bytes"] for each in seen] == [len(data) for data in contents]
    assert [each.arrays["bytes"].tobytes() for each in seen] == contents
    assert all(each.error is None for each in seen)


def test_children_are_kept_and_shared(pool, items):
    job = Count(limits=QUICK)
    pids = {each.facts["pid"] for _ in range(3) for each in pool.run(job, items(*[b"x"] * 6))}
    assert 1 <= len(pids) <= 2
    assert os.getpid() not in pids


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"refuse", "broken: so it says"),
        (b"fail", "broken: RuntimeError: a mistake"),
        (b"end", "broken: it ended the decoder with signal SIGSEGV"),
        (b"leave", "broken: it ended the decoder with code 3"),
        (b"hang", "too slow: it takes more than 1 seconds to decode"),
        (b"spin", "too slow: it takes more than 1 seconds to decode"),
        (b"swallow", "too large: it takes more than 268,435,456 bytes of memory to decode"),
        (b"lie", "broken: the decoder gave an answer that is none"),
    ],
)
def test_a_child_that_goes_wrong_costs_only_its_medium(pool, items, said, error):
    seen = list(pool.run(Obey(limits=QUICK), items(b"work 0", said, b"work 2", b"work 3")))
    assert [each.error for each in seen] == [None, error, None, None]
    assert seen[3].facts["said"] == "work 3"


def test_a_child_that_cannot_end_itself_is_ended(pool, items, monkeypatch):
    monkeypatch.setattr("flows.media.worker._GRACE_SECONDS", 0.5)
    (seen,) = pool.run(Obey(limits=QUICK), items(b"stop"))
    assert seen.error == "too slow: it takes more than 1 seconds to decode"


def test_what_killed_a_child_by_chance_is_not_held_against_the_medium(pool, items, tmp_path):
    (seen,) = pool.run(Obey(limits=QUICK, marker=str(tmp_path / "mark")), items(b"once"))
    assert (tmp_path / "mark").exists()
    assert (seen.error, seen.facts["said"]) == (None, "once")


def test_an_idle_child_that_was_killed_is_replaced(items):
    with Pool(1) as pool:
        (before,) = pool.run(Count(limits=QUICK), items(b"x"))
        os.kill(before.facts["pid"], signal.SIGKILL)
        (after,) = pool.run(Count(limits=QUICK), items(b"x"))
    assert after.error is None
    assert after.facts["pid"] != before.facts["pid"]


def test_what_libraries_print_is_no_answer(pool, items):
    (seen,) = pool.run(Obey(limits=QUICK), items(b"print"))
    assert seen.error is None


def test_a_child_writes_no_file(pool, items, tmp_path):
    (seen,) = pool.run(Obey(limits=QUICK, marker=str(tmp_path / "mark")), items(b"write"))
    assert "File too large" in seen.error
    assert (tmp_path / "mark").read_bytes() == b""


def test_arrays_of_every_kind_cross(pool, items):
    (seen,) = pool.run(Many(limits=QUICK), items(b"x"))
    assert seen.facts == {"text": "é", "none": None}
    for name in ("bool", "uint8", "int64", "uint64", "float32", "float64"):
        assert seen.arrays[name].dtype.name == name
        assert np.array_equal(seen.arrays[name], np.arange(6).reshape(2, 3).astype(name))
    assert seen.arrays["empty"].shape == (0, 4)
    assert seen.arrays["one"] == 7
    seen.arrays["uint8"][0, 0] = 9  # they belong to whoever asked


def test_what_is_no_number_does_not_cross(pool, items):
    seen = list(pool.run(Strange(limits=QUICK), items(b"nan", b"object")))
    assert "not JSON compliant" in seen[0].error
    assert "TypeError" in seen[1].error


def test_a_medium_with_too_many_bytes_is_not_read(pool, items):
    (seen,) = pool.run(Count(limits=Limits(max_bytes=10)), items(bytes(11)))
    assert seen.error == "too large: it has 11 bytes, more than 10"


def test_a_missing_file_is_no_fault_of_the_medium(pool, tmp_path):
    with pytest.raises(Terminal, match="the bytes of medium m0 cannot be read from"):
        list(pool.run(Count(limits=QUICK), [("m0", tmp_path / "gone")]))


def test_no_more_is_begun_than_is_asked_for(pool, items):
    begun = []

    def listed():
        for item in items(*[b"x"] * 50):
            begun.append(item)
            yield item

    run = pool.run(Count(limits=QUICK), listed(), ahead=3)
    next(run)
    assert len(begun) == 3
    next(run)
    assert len(begun) == 4
    run.close()
    assert len(begun) == 4


def test_a_child_that_cannot_start_is_nobodys_fault(items):
    with pytest.raises(Terminal, match="did not start: broken: it ended the decoder with code 1"):
        Worker(Count(limits=QUICK), command=[sys.executable, "-c", "raise SystemExit(1)"])


def test_closing_ends_all_children(items):
    with Pool(2) as pool:
        pids = {each.facts["pid"] for each in pool.run(Count(limits=QUICK), items(*[b"x"] * 8))}
        assert all(psutil.pid_exists(pid) for pid in pids)
    assert not any(psutil.pid_exists(pid) for pid in pids)


PARENT = """
import sys
from pathlib import Path
from flows.media.pool import Pool
from tasks.media.decode.limits import Limits
from tests.flows.media.jobs import Obey
items = [(str(n), Path(sys.argv[1])) for n in range(2)]
list(Pool(2).run(Obey(limits=Limits(seconds=3000, wall=3000)), items))
"""


@pytest.mark.parametrize("doing", [b"hang", b"spin"])
def test_no_child_outlives_a_killed_parent(tmp_path, doing):
    (tmp_path / "m").write_bytes(doing)
    root = str(Path(__file__).parents[3])
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "m")], cwd=root)
    watched = psutil.Process(parent.pid)
    until(lambda: sum(is_busy(child) for child in watched.children()) == 2)
    children = watched.children()
    parent.kill()
    parent.wait()
    gone, alive = psutil.wait_procs(children, timeout=60)
    assert (len(gone), alive) == (2, [])


def is_busy(process):
    """Whether it has its job: it counts no more time while it waits for one, and is past its imports."""
    return "tasks.media.child" in process.cmdline() and process.num_threads() > 1


def until(is_so):
    """Wait for another process; a minute is for a busy machine."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        os.sched_yield()


def test_the_jobs_that_decode(pool, items):
    png, sound, film = picture(corners()), wav(tone(1)), video([50] * 20, samples=tone(2, 48_000))
    looks = list(pool.run(Look(), items(png, sound, film, b"", b"<svg/>")))
    assert [each.facts["modality"] for each in looks[:3]] == ["image", "audio", "video"]
    assert looks[3].error == "empty: it has no bytes"
    assert "an SVG drawing" in looks[4].facts["error"]
    (pixels,) = pool.run(Pixels(size=20), items(png))
    assert pixels.arrays["pixels"].shape == (20, 30, 3)
    (heard,) = pool.run(Samples(rate=8_000), items(sound))
    assert heard.arrays["samples"].shape == (pytest.approx(8_000, abs=40),)
    (clip,) = pool.run(Frames(frames=2, size=24, rate=16_000), items(film))
    assert clip.arrays["frames"].shape == (2, 24, 32, 3)
    assert clip.arrays["times"].tolist() == [0.5, 1.5]
    assert clip.arrays["samples"].shape == (pytest.approx(32_000, abs=1500),)
    assert clip.facts["frames"] == 20
