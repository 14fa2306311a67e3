"""Zero-shot safety: how much more a picture looks like one kind of harm than like a safe picture. Weak evidence only.

A model that was never trained to judge harm compares a picture with a few sentences. It errs often, in both directions,
and on some kinds of harm, such as debated topics, it knows nothing at all: use its scores to sort pictures for people
to look at, not to drop them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from tasks.embed.image_text.model import Vectors

SAFE: Final = ("a safe picture", "a harmless everyday photo", "a picture that anybody may see")
# SafeSora's twelve labels, each with what such pictures may be said to show.
CATEGORIES: Final = {
    "adult_explicit_sexual": ("an explicit sexual picture", "a pornographic photo", "a photo of naked people"),
    "animal_abuse": ("a picture of cruelty to animals", "a photo of an injured animal", "an animal being beaten"),
    "child_abuse": ("a picture of cruelty to a child", "a photo of a frightened child", "a child being beaten"),
    "crime": ("a picture of a crime", "a photo of a robbery", "a person breaking into a house"),
    "debated_sensitive_social_issue": (
        "a picture about a debated political issue", "a photo of an angry protest", "a political slogan",
    ),
    "drug_weapons_substance_abuse": ("a picture of illegal drugs", "a photo of a gun", "a person injecting a drug"),
    "insulting_hateful_aggressive_behavior": (
        "an insulting, hateful picture", "a photo of aggressive people", "a person shouting insults",
    ),
    "violence_injury_gory": ("a picture of violence", "a photo of blood and injuries", "a gory scene with a dead body"),
    "racial_discrimination": ("a racist picture", "a racist caricature", "a photo of racists with a burning cross"),
    "other_discrimination": ("a picture that mocks a group of people", "a sexist cartoon", "a photo of discrimination"),
    "terrorism_organized_crime": ("a picture of terrorists", "a photo of an armed gang", "an exploding bomb"),
    "other_harmful_content": ("a harmful picture", "a disturbing photo", "a dangerous act"),
}  # fmt: skip
# All sentences, in the order in which `safety_scores` wants their vectors.
PROMPTS: Final = (*SAFE, *(prompt for prompts in CATEGORIES.values() for prompt in prompts))


def safety_scores(pictures: Vectors, prompts: Vectors, logit_scale: float) -> pl.DataFrame:
    """Return a column for each category: its softmax against a safe picture, for each of `pictures`.

    `prompts` are the vectors of `PROMPTS` by the same model. A category is the mean of its sentences, of length 1.
    """
    sizes = [len(SAFE), *map(len, CATEGORIES.values())]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    means = np.add.reduceat(prompts.astype(np.float64), starts, axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    logits = logit_scale * (pictures.astype(np.float64) @ means.T)
    # A softmax over two is a logistic of their difference; this form of it never overflows.
    shares = 0.5 * (1.0 + np.tanh(0.5 * (logits[:, 1:] - logits[:, :1])))
    return pl.DataFrame({name: shares[:, at] for at, name in enumerate(CATEGORIES)})
