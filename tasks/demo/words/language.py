"""A language of the demo that is written without spaces: templates for three texts, and the words that fill them."""

from __future__ import annotations

from typing import NamedTuple

from tasks.demo.grammar import Scene
from tasks.demo.truth import Row
from tasks.demo.vocabulary import Limit

PRIME = 11


class Task(NamedTuple):
    """Something a person asks how to do, and three steps that do it, in order."""

    phrase: str
    first: str
    second: str
    third: str


class Language(NamedTuple):
    """Templates, words (eleven of each kind), and the particles that change nothing at the end of a clause."""

    prompt: str
    good: str
    poor: str
    particles: str
    tasks: tuple[Task, ...]
    limits: tuple[Limit, ...]
    roles: tuple[str, ...]
    places: tuple[str, ...]
    forms: tuple[str, ...]

    def row(self, name: str, scene: Scene) -> Row:
        """Write the question of a scene, a good answer and a poor one."""
        task, limit = self.tasks[scene.task], self.limits[scene.limit]
        words = {
            **task._asdict(),
            "task": task.phrase,
            "limit": limit.phrase,
            "advice": limit.advice,
            "role": self.roles[scene.role],
            "place": self.places[scene.place],
            "form": self.forms[scene.form],
        }
        texts = {"prompt": self.prompt, "chosen": self.good, "rejected": self.poor}
        return {"id": name, **{side: text.format(**words) for side, text in texts.items()}}
