"""align-anything: two answers of any kind to a question of any kind, judged, graded and criticised in several aspects."""

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published
from tests.tasks.ingest.published.media.files import heard, held

NC = {"license": "CC-BY-NC-4.0", "commercial_ok": False}
CRITIQUE = "##Critique: It says where the lamp stands. ##Refinement: Say also how bright it is.\n"
OVERALL = "##Reason: The first one says where.\n##Refinement: Look at the room again."
BARE = "It does not say where."
TEXT = (
    ("p", "prompt_following"),
    ("o", "objective_rules"),
    ("c", "clarity"),
    ("i", "information_richness"),
    ("s", "safety"),
)
SPLIT = [
    ("critique", "It says where the lamp stands."), ("critique", "It does not say where."), ("refinement", "Say also how bright it is."),
    ("reason", "The first one says"), ("refinement", "Look at the room"),
]  # fmt: skip


def graded(dimensions, letters, ids, grades):
    """The columns of each aspect: who is better, two grades, two reasons; `ids` may hold anything that copies hold."""
    row = {}
    for (letter, stem), better, (first, second) in zip(dimensions, ids, grades, strict=True):
        row |= {f"{stem}_rate_1": first, f"{stem}_rate_2": second}
        if letter in letters:
            row |= {
                letters[letter]: better,
                f"{letter}_rationale_1": f"Grade {first} in {stem}.",
                f"{letter}_rationale_2": "Why not?",
            }
    return row


def aspects(dimensions, suffix, ids, grades):
    return graded(dimensions, {letter: f"{letter}_{suffix}" for letter, _ in dimensions}, ids, grades)


IDS = (1, 2, 1, "2", 1)
GRADES = ((3, 1), (1, 2), (3, 3), (0, 4), (3, 2))
JUDGED = aspects(TEXT, "response", IDS, GRADES) | {
    "text_critique_1": CRITIQUE,
    "text_critique_2": BARE,
    "overall_textfeedback": OVERALL,
}


def compared(names, ids=IDS):
    return [
        (name, "a" if str(better) == "1" else "b", 1.0 if str(better) == "1" else -1.0)
        for name, better in zip(names, ids, strict=True)
    ]


def rated(names, grades=GRADES):
    return [(name, grade if grade < 4 else None) for name, both in zip(names, grades, strict=True) for grade in both]


NAMES = [stem for _, stem in TEXT]


def answered(**more):
    return {"response_1": LONG, "response_2": SHORT, **JUDGED, "overall_response": 1, **more}


def about(adapter, media, *rows, **more):
    """A set of answers to a question about a medium: the first row is judged in all aspects."""
    return Published(
        adapter, list(rows), texts=[LONG, SHORT] * len(rows), **NC, feedback=SPLIT, attached=media, ratings=rated(NAMES),
        comparisons=[("overall", "a", 1.0), *[("overall", "invalid", None)] * (len(rows) - 1), *compared(NAMES)], **more,
    )  # fmt: skip


T2I = (
    ("p", "prompt_following"),
    ("o", "objective_rules"),
    ("a", "aesthetics"),
    ("i", "information_richness"),
    ("s", "safety"),
)
T2A = (
    ("p", "prompt_following"),
    ("o", "audio_quality"),
    ("a", "consistency"),
    ("i", "information_richness"),
    ("s", "safety"),
)
T2V = (
    ("p", "prompt_following"), ("o", "video_objective_reality"), ("a", "aesthetic"), ("i", "information_richness"),
    ("t", "temporal_consistency"), ("x", "content_coherence"), ("m", "motion_naturalness"), ("s", "safety"),
)  # fmt: skip
T2V_LETTERS = {"p": "p_video", "o": "o_audio", "a": "a_video", "i": "i_video", "s": "s_video"}
EIGHT = (*GRADES, (1, 1), (2, 0), (3, 0))
T2V_NAMES = ["prompt_following", "objective_reality", "aesthetics", *[stem for _, stem in T2V[3:]]]
TI2TI_GRADES = {
    f"{stem}_rate_{n}": n
    for stem in ("prompt_following", "objective_rules", "ca", "information_richness", "safety")
    for n in (1, 2)
}
TI2TI_NAMES = ("prompt_following", "objective_rules", "clarity_aesthetics", "information_richness", "safety")

ANY_TO_ANY = {
    "PKU-Alignment/align-anything text-to-text": Published(
        "align-anything-text-to-text", [{"question": ASKED, **answered()}], texts=[LONG, SHORT], **NC, feedback=SPLIT, ratings=rated(NAMES),
        comparisons=[("overall", "a", 1.0), *compared(NAMES)], file="text-to-text/val_1k.parquet", split="val",
    ),
    "PKU-Alignment/align-anything text-image-to-text": about(
        "align-anything-text-image-to-text", [("prompt", "cat.png"), ("prompt", "dog.png")],
        {"question": f"<image>\n{ASKED}", "image": held("cat.png", "cat.png"), "res_1_from": "model-a", "res_2_from": "model-b", **answered()},
        {"question": ASKED, "image": held("dog.png"), "response_1": LONG, "response_2": SHORT, "overall_response": 0},
        prompts=[ASKED, ASKED], file="text-image-to-text/train_40k-00000-of-00015.parquet", split="train",
    ),
    "PKU-Alignment/align-anything text-video-to-text": about(
        "align-anything-text-video-to-text", [("prompt", "./videos/cat.mp4")],
        {"prompt": f"<video> {ASKED}", "video_path": "./videos/cat.mp4", "model_1": "model-a", "model_2": "model-b", **answered()},
        prompts=[ASKED], file="text-video-to-text/train_10k.json", split="train",
    ),
    "PKU-Alignment/align-anything text-audio-to-text": about(
        "align-anything-text-audio-to-text", [("prompt", "cat.wav"), ("prompt", "[samples]")],
        {"prompt": ASKED, "audio_path": held("cat.wav", "cat.wav"), **answered()},
        {"prompt": ASKED, "audio_path": heard("dog.wav"), "response_1": LONG, "response_2": SHORT, "overall_response": None},
        prompts=[ASKED, ASKED],
    ),
    "PKU-Alignment/align-anything text-to-image": Published(
        "align-anything-text-to-image",
        [{"prompt": ASKED, "image_1": held("cat.png"), "image_1_model": "sd", "image_2": held("dog.png"), "image_2_model": "flux",
          **aspects(T2I, "image", IDS, GRADES), "image_1_feedback": CRITIQUE, "image_2_feedback": BARE, "overall_textfeedback": OVERALL,
          "overall_image": "2"},
         {"prompt": ASKED, "image_1": held("cow.png"), "image_2": held("dog.png"), "prompt_following_rate_1": 3, "prompt_following_rate_2": 2}],
        texts=[None] * 4, **NC, feedback=SPLIT, attached=[(0, "cat.png"), (1, "dog.png"), (0, "cow.png"), (1, "dog.png")],
        comparisons=[("overall", "b", -1.0), *compared([stem for _, stem in T2I])],
        ratings=[*rated(["prompt_following"], GRADES[:1]), ("prompt_following", 3), ("prompt_following", 2), *rated([s for _, s in T2I[1:]], GRADES[1:])],
    ),
    "PKU-Alignment/align-anything text-to-audio": Published(
        "align-anything-text-to-audio",
        [{"prompt": ASKED, "response_1": held("cat.wav", "a.wav"), "response_2": heard("dog.wav"), "res_1_from": "model-a", "res_2_from": "model-b",
          **aspects(T2A, "audio", IDS, GRADES), "text_1_feedback": CRITIQUE, "text_2_feedback": BARE, "overall_audio": 1,
          "overall_textfeedback": OVERALL, "refine_prompt": "Let the lamp hum.", "reasoning": "A hum is easier to hear."}],
        texts=[None, None], **NC, attached=[(0, "cat.wav"), (1, "[samples]")], ratings=rated([stem for _, stem in T2A]),
        comparisons=[("overall", "a", 1.0), *compared([stem for _, stem in T2A])],
        feedback=[*SPLIT, ("refine_prompt", "Let the lamp hum."), ("reasoning", "A hum is")],
    ),
    "PKU-Alignment/align-anything text-to-video": Published(
        "align-anything-text-to-video",
        [{"prompt": ASKED, "video_1": "./videos/cat.mp4", "video_2": "./videos/dog.mp4", "video_1_model": "sora", "video_2_model": "Panda-70M",
          **graded(T2V, T2V_LETTERS, (1, 2, 1, 2, 0, 0, 0, 1), EIGHT), "video_1_feedback": CRITIQUE, "video_2_feedback": BARE,
          "overall_textfeedback": OVERALL, "overall_video": 1}],
        texts=[None, None], **NC, attached=[(0, "./videos/cat.mp4"), (1, "./videos/dog.mp4")], feedback=SPLIT, ratings=rated(T2V_NAMES, EIGHT),
        comparisons=[("overall", "a", 1.0), *compared([*T2V_NAMES[:4], "safety"], (1, 2, 1, 2, 1))], file="text-to-video/9k_train.json", split="train",
    ),
    "PKU-Alignment/align-anything text-image-to-text-image": Published(
        "align-anything-text-image-to-text-image",
        [{"question": ASKED, "image_url": "images/cat.png", "response_1": LONG, "response_2": SHORT, "output_image_url_1": "images/dog.png",
          "output_image_url_2": "images/cow.png", **TI2TI_GRADES, "Text_Output_Critic_Feedback_1": CRITIQUE,
          "Image_Output_Critic_Feedback_2": CRITIQUE, "feedback": OVERALL, "overall_response": 2},
         {"question": ASKED, "image_url": "", "response_1": LONG, "response_2": SHORT, "output_image_url_1": None, "output_image_url_2": "images/dog.png",
          "feedback": None}],
        texts=[LONG, SHORT] * 2, **NC, prompts=[ASKED] * 2, comparisons=[("overall", "b", -1.0)], file="text-image-to-text-image/train_27k.json",
        attached=[("prompt", "images/cat.png"), (0, "images/dog.png"), (1, "images/cow.png"), (1, "images/dog.png")], split="train",
        ratings=[(name, grade) for name in TI2TI_NAMES for grade in (1, 2)],
        feedback=[("critique", "It says"), ("refinement", "Say also"), ("critique", "It says"), ("refinement", "Say also"),
                  ("reason", "The first"), ("refinement", "Look at")],
    ),
    "PKU-Alignment/align-anything language feedback": Published(
        "align-anything-refinement",
        [{"prompt": ASKED, "image": bare, "response": SHORT, "refinement": LONG} for bare in (held("cat.png")["bytes"],)]
        + [{"prompt": ASKED, "audio": "sounds/cat.wav", "response": SHORT, "refinement": LONG}],
        texts=[SHORT, LONG] * 2, **NC, comparisons=[("overall", "b", -1.0)] * 2, attached=[("prompt", "cat.png"), ("prompt", "sounds/cat.wav")],
    ),
    "PKU-Alignment/align-anything critiques": Published(
        "align-anything-critique", [{"prompt": ASKED, "image": held("cat.png"), "response": SHORT, "critique": CRITIQUE}],
        texts=[SHORT], **NC, attached=[("prompt", "cat.png")], feedback=[("critique", "It says"), ("refinement", "Say also")],
    ),
    "PKU-Alignment/align-anything Janus understanding": Published(
        "better-worse-text", [{"question": ASKED, "image": "images/cat.png", "better_response": LONG, "worse_response": SHORT}],
        texts=[LONG, SHORT], comparisons=[("overall", "a", 1.0)], attached=[("prompt", "images/cat.png")],
    ),
    "PKU-Alignment/align-anything Janus generation": Published(
        "better-worse-image", [{"prompt": ASKED, "better_image": "cat.png", "worse_image": "dog.png"}],
        texts=[None, None], comparisons=[("overall", "a", 1.0)], attached=[(0, "cat.png"), (1, "dog.png")],
    ),
    "PKU-Alignment/align-anything Qwen-VL": Published(
        "better-worse-output", [{"prompt": ASKED, "video_path": "cat.mp4", "better_output": LONG, "worse_output": SHORT}],
        texts=[LONG, SHORT], comparisons=[("overall", "a", 1.0)], attached=[("prompt", "cat.mp4")],
    ),
    "PKU-Alignment/align-anything SOMOS": Published(
        "better-worse-sound", [{"prompt": ASKED, "better_data_path": "cat.wav", "worse_data_path": "dog.wav"}],
        texts=[None, None], comparisons=[("overall", "a", 1.0)], attached=[(0, "cat.wav"), (1, "dog.wav")],
    ),
    "PKU-Alignment/align-anything any-to-any": Published(
        "better-worse-any",
        [{"input_text": ASKED, "input_image": "cat.png", "better_text": LONG, "better_img": "dog.png", "worse_text": SHORT, "worse_img": None}],
        texts=[LONG, SHORT], comparisons=[("overall", "a", 1.0)], attached=[("prompt", "cat.png"), (0, "dog.png")],
    ),
}  # fmt: skip
