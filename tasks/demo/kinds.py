"""Which kinds of planted things belong together when a person reads about them."""

from __future__ import annotations

from tasks.demo.planted.broken import REASONS

GROUPS: dict[str, tuple[str, ...]] = {
    "nothing wrong": ("clean", "multi_vote", "tie"),
    "copies": ("exact_duplicate", "normalised_duplicate", "republished", "near_duplicate", "lookalike"),
    "contradictions": ("swapped", "outvoted", "uneven_votes", "even_votes", "near_contradiction", "near_outvoted"),
    "Chinese and Japanese": ("cjk_duplicate", "cjk_disguised", "cjk_near", "cjk_lookalike", "cjk_contradiction"),
    "benchmark questions": ("leaked_equal", "leaked_near", "leaked_contained", "common_phrase"),
    "one split": ("shared_prompt", "continued", "near_prompt"),
    "rules": ("identical_sides", "same_up_to_case", "empty_side", "too_short", "careless"),
    "unreadable lines": tuple(reason.value for reason in REASONS),
    "pictures": (
        "picture_fits", "drawing_fits", "misnamed_picture", "picture_reencoded", "picture_resized", "picture_cropped",
        "picture_brightened", "picture_lookalike", "shared_picture", "same_picture", "picture_contradiction",
    ),
    "sounds": (
        "sound_fits", "spoken_sentence", "sound_reencoded", "sound_trimmed", "sound_lookalike", "silent_sound",
        "clipped_sound",
    ),
    "videos": (
        "video_fits", "judged_video", "misnamed_video", "video_reencoded", "video_trimmed", "video_lookalike",
        "frozen_video",
    ),
    "unreadable media": (
        "truncated_picture", "truncated_video", "empty_file", "text_in_disguise", "bomb", "missing_file",
    ),
}  # fmt: skip
