"""A small grammar for questions and answers in which no two scenes can produce the same text.

A scene is five choices out of thirty-one, or out of another prime number. The choices are the values of a polynomial of
degree two at five points, modulo the prime (a Reed-Solomon code), so two scenes share at most two choices: any text
that mentions three of them belongs to one scene only, and two questions never differ in fewer than three places.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tasks.demo.vocabulary import FORMS, LIMITS, PLACES, ROLES, TASKS, Limit, Task

PRIME = 31
SCENES = PRIME**3
VARIANTS = 5
_NUMBERED_FORMS = 10

_OPENERS = (
    "Here is a calm way to {task} if you live {place}.",
    "You can {task} quite well {place}. Work in this order.",
    "To {task} is easier than it sounds, even {place}.",
    "Anyone who lives {place} can {task}. This is how.",
    "Plenty of people {task} {place}, and this is the order that works.",
)
_CLOSINGS = (
    "Then take a break and look at the result in daylight.",
    "If one step fails, go back to the step before it.",
    "Write down what you did, so that the next time is quicker.",
    "Most people need two attempts, so be patient with yourself.",
    "Ask again if something looks different from what I describe.",
)
_POOR = (
    "Well, that depends. Some people who want to {task} do one thing, others do another, and both have their reasons. "
    "If you live {place}, things may differ, or they may not. Doing it {limit} could matter somehow. If in doubt, ask "
    "around for a while and take whichever opinion you happen to like best.",
    "There is no need to {task} yourself. As {role} you have better things to do {limit}. Simply buy something ready "
    "made, or let somebody else {place} take care of it, and do not think about it any further. Life is short, and "
    "most things that people make with their own hands end up in a cupboard anyway.",
    "To {task}, {step}. Once more, {step}. And again, {step}. If that fails {place}, {step}. If you have to do it "
    "{limit}, {step}. There is nothing else to it, so when you are in doubt, {step}.",
    "I know all about how to {task}, and I have known it for years. I could do it {limit} with my eyes closed. People "
    "{place} often tell me how clever that is. It is so simple that there is nothing to explain, although I could go "
    "on about it for hours if anybody cared to listen to me, which they should.",
)


class Scene(NamedTuple):
    """One question of the demo's world: five choices, as indices into the vocabulary."""

    task: int
    limit: int
    role: int
    place: int
    form: int


def scenes(seed: int, prime: int = PRIME) -> list[Scene]:
    """Return all scenes, as many as the cube of `prime`, in an order that depends on `seed`; each one is there once."""
    codes = np.random.default_rng(seed).permutation(prime**3)
    message = [codes // prime**power % prime for power in range(3)]
    slots = [(message[0] + message[1] * x + message[2] * x * x) % prime for x in range(5)]
    return [Scene(*slot) for slot in np.stack(slots, axis=1).tolist()]


def prompt(scene: Scene) -> str:
    """Write the question of a scene."""
    words = _words(scene)
    return (
        f"I am {words['role']} and live {words['place']}. How do I {words['task']} {words['limit']}? "
        f"Please {FORMS[scene.form]}."
    )


def asked_in_benchmark(scene: Scene) -> str:
    """Ask for the same as `prompt` does in words of a benchmark's own; they have no eight in a row in common."""
    words = _words(scene)
    return (
        f"A friend {words['place']}, {words['role']}, wants, {words['limit']}, to {words['task']}. "
        f"Which advice would help this person most, and why exactly that?"
    )


def good(scene: Scene, variant: int) -> str:
    """Answer the question well, in one of five ways: three steps in order, and advice about the condition."""
    return _answer(scene, TASKS[scene.task], variant)


def poor(scene: Scene, variant: int) -> str:
    """Answer the question badly, by `variant`: steps of another task, vague, dismissive, repetitive or boastful."""
    manner = variant % VARIANTS
    if manner == 0:
        return _answer(scene, TASKS[(scene.task + 11) % PRIME], variant // VARIANTS)
    return _POOR[manner - 1].format(**_words(scene), step=TASKS[scene.task].steps[0])


def _answer(scene: Scene, shown: Task, variant: int) -> str:
    steps = [step for at, step in enumerate(shown.steps) if at != variant % len(shown.steps)]
    opener, closing = _OPENERS[variant % VARIANTS].format(**_words(scene)), _CLOSINGS[variant % VARIANTS]
    limit = LIMITS[scene.limit]
    advice = f"Because you want to do it {limit.phrase}, {limit.advice}."
    if scene.form < _NUMBERED_FORMS:
        lines = [f"{at}. {step[0].upper()}{step[1:]}." for at, step in enumerate(steps, start=1)]
        return "\n".join([opener, *lines, advice, closing])
    return f"{opener} First, {steps[0]}. Then {steps[1]}. After that, {steps[2]}. {advice} {closing}"


def follow_up(scene: Scene, depth: int) -> str:
    """Ask on after an answer: what changes under another condition? `depth` counts the earlier questions."""
    return f"Thank you. What changes if I have to do it {_later(scene, depth).phrase}?"


def good_follow_up(scene: Scene, depth: int) -> str:
    """Answer the follow-up question well."""
    task, limit, words = TASKS[scene.task], _later(scene, depth), _words(scene)
    return (
        f"In that case {limit.advice}. The rest stays as it was: {task.steps[0]}, and later {task.steps[-1]}. "
        f"To {task.phrase} {limit.phrase} takes a little longer, but {words['role']} {words['place']} can do it."
    )


def poor_follow_up(scene: Scene, depth: int) -> str:
    """Answer the follow-up question badly."""
    limit, words = _later(scene, depth), _words(scene)
    return (
        f"I have said all there is to say. Whether somebody wants to {words['task']} {limit.phrase} or not is none of "
        f"my business, and {words['role']} {words['place']} should know that. Please read my answer again."
    )


def _later(scene: Scene, depth: int) -> Limit:
    return LIMITS[(scene.limit + 7 * depth) % PRIME]


def _words(scene: Scene) -> dict[str, str]:
    task: Task = TASKS[scene.task]
    return {
        "task": task.phrase,
        "limit": LIMITS[scene.limit].phrase,
        "role": ROLES[scene.role],
        "place": PLACES[scene.place],
    }
