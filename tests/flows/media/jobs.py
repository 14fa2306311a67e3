"""Jobs that go wrong in every way a decoder can; the bytes of a medium say which."""

import contextlib
import os
import signal
import time

import numpy as np

from tasks.media.decode import Undecodable
from tasks.media.job import Answer, Job


class Count(Job):
    """Answer with the number of bytes, and with them as an array."""

    def __call__(self, data):
        return Answer({"bytes": len(data), "pid": os.getpid()}, {"bytes": np.frombuffer(data, np.uint8)})


class Obey(Job):
    """Do what the bytes say."""

    marker: str = ""

    def __call__(self, data):
        getattr(self, data.decode().split()[0])()
        return Answer({"pid": os.getpid(), "said": data.decode()})

    def work(self):
        """Nothing goes wrong."""

    def refuse(self):
        raise Undecodable("broken: so it says")

    def fail(self):
        raise RuntimeError("a mistake\nin two lines")

    def end(self):
        os.kill(os.getpid(), signal.SIGSEGV)

    def leave(self):
        os._exit(3)

    def hang(self):
        while True:
            time.sleep(3600)

    def spin(self):
        while True:
            pass

    def stop(self):
        os.kill(os.getpid(), signal.SIGSTOP)

    def swallow(self):
        np.ones(2 * self.limits.memory, np.uint8)

    def print(self):
        os.write(1, b"what a library prints" * 100)

    def lie(self):
        for number in range(3, 32):
            with contextlib.suppress(OSError):
                os.write(number, b"\xff" * 64)

    def write(self):
        with open(self.marker, "w") as file:
            file.write("x")

    def once(self):
        """Kill the first child that tries, and leave a mark by which the second knows."""
        if not os.path.exists(self.marker):
            os.mkdir(self.marker)
            os.kill(os.getpid(), signal.SIGKILL)


class Many(Job):
    """Answer with one array of every kind."""

    def __call__(self, data):
        kinds = [np.bool_, np.uint8, np.int64, np.uint64, np.float32, np.float64]
        arrays = {np.dtype(kind).name: np.arange(6).reshape(2, 3).astype(kind) for kind in kinds}
        return Answer({"text": "é", "none": None}, arrays | {"empty": np.empty((0, 4), np.float32), "one": np.array(7)})


class Strange(Job):
    """Answer with what is no number."""

    def __call__(self, data):
        return Answer({"nan": float("nan")}) if data == b"nan" else Answer({}, {"o": np.array([object()])})
