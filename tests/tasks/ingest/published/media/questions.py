"""Answers about pictures: RLAIF-V, RLHF-V, MM-RLHF, the vision sets of TRL and LLaMA-Factory, InterMT's conversations."""

import json

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published, message, said, talk
from tests.tasks.ingest.published.media.files import held

NC = {"license": "CC-BY-NC-4.0", "commercial_ok": False}
PAIR = {"texts": [LONG, SHORT], "comparisons": [("overall", "a", 1.0)]}
SPLIT = '{"model": "llava-1.5-7b", "type": "detail_description"}'
STEP = "crucial_step_recognition"


def turn(number, asked, answered, *pictures):
    """A round of InterMT: what a picture is not there for is a list with an empty text."""
    shown = [[picture] if picture else [""] for picture in pictures]
    return {
        "round": number,
        "prompt": asked,
        "prompt_images": shown[0],
        "response": answered,
        "response_images": shown[1],
    }


def inside(number, *said):
    """A round as the files with scores have it."""
    held_ = turn(number, *said)
    return {"round": held_.pop("round"), "round_conversations": held_}


FIRST = ("What is that?", "A lamp.", "images/cat.png", "images/dog.png")
LAST = ("And now?", LONG, "", "images/cow.png")
REASON = {f"reason_{STEP}": "It names the lamp first."}

QUESTIONS = {
    "openbmb/RLAIF-V-Dataset": Published(
        "rlaif-v",
        [{"ds_name": "RLAIF-V", "image": held("cat.png", "1.jpg"), "question": ASKED, "chosen": LONG, "rejected": SHORT, "origin_dataset": "LCS-558K",
          "origin_split": SPLIT, "idx": "1", "image_path": "images/1.jpg"}],
        **PAIR, **NC, prompts=[ASKED], labels=[("LCS-558K", True)], attached=[("prompt", "cat.png")],
    ),
    "openbmb/RLHF-V-Dataset": Published(
        "rlhf-v",
        [{"image": held("dog.png"), "text": json.dumps({"question": ASKED, "chosen": LONG, "rejected": SHORT}), "origin_dataset": "VQAv2",
          "origin_split": "train"}],
        **PAIR, **NC, prompts=[ASKED], labels=[("VQAv2", True)], attached=[("prompt", "dog.png")],
    ),
    "llamafactory/RLHF-V": Published(
        "sharegpt-preference-media",
        [{"conversations": [said("human", f"<image>{ASKED}")], "chosen": said("gpt", LONG), "rejected": said("gpt", SHORT), "images": [held("cat.png")]}],
        **PAIR, prompts=[ASKED], attached=[("prompt", "cat.png")],
    ),
    "HuggingFaceH4/rlaif-v_formatted": Published(
        "trl-preference-media",
        [{"prompt": talk(f"<image>{ASKED}"), "chosen": [message("assistant", LONG)], "rejected": [message("assistant", SHORT)],
          "images": [held("cat.png"), held("dog.png")]}],
        **PAIR, prompts=[ASKED], attached=[("prompt", "cat.png"), ("prompt", "dog.png")], file="data/test-00000-of-00001.parquet", split="test",
    ),
    "hiyouga/LLaMA-Factory mllm_demo": Published(
        "llama-factory-media",
        [{"messages": talk("<image>What is that?", "A lamp.", f"{ASKED}<image>", LONG), "images": ["demo/1.jpg", "demo/2.jpg"]}],
        texts=[LONG], prompts=[f"user: What is that?\n\nassistant: A lamp.\n\nuser: {ASKED}"], quotes=False,
        attached=[("prompt", "demo/1.jpg"), ("prompt", "demo/2.jpg")],
    ),
    "yifanzhang114/MM-RLHF": Published(
        "mm-rlhf",
        [{"id": "7", "question": ASKED, "answer": "Left.", "image": "short/cat.png", "video": None, "models_output": [LONG, SHORT, "Left."],
          "faithfulness": [5, 2, 4], "helpfulness": [4, 1, 3], "ethical": [5, 5, 5], "final_ranking": [1, 3, 2],
          "score_reasons": ["Clear.", "Vague.", "Brief."], "ranking_reason": "The first says most."}],
        texts=[LONG, SHORT, "Left."], prompts=[ASKED], attached=[("prompt", "short/cat.png")], rankings=[("overall", r) for r in (1.0, 3.0, 2.0)],
        ratings=[(name, v) for name, all_ in (("faithfulness", (5, 2, 4)), ("helpfulness", (4, 1, 3)), ("ethical", (5, 5, 5))) for v in all_],
        feedback=[("reason", "Clear."), ("reason", "Vague."), ("reason", "Brief."), ("reason", "The first")],
    ),
    "yifanzhang114/MM-RLHF pairs": Published(
        "mm-rlhf-pairs",
        [{"prompt": ASKED, "chosen": LONG, "rejected": SHORT, "image": "short/cat.png", "is_tie": False, "chosen_reason": "Clear.", "margin": 2},
         {"prompt": ASKED, "chosen": LONG, "rejected": SHORT, "video": "video/cat.mp4", "is_tie": True, "rejected_reason": "Vague."}],
        texts=[LONG, SHORT] * 2, comparisons=[("overall", "a", 1.0), ("overall", "tie", 0.0)], ratings=[("margin", 2)],
        feedback=[("reason", "Clear."), ("reason", "Vague.")], attached=[("prompt", "short/cat.png"), ("prompt", "video/cat.mp4")],
    ),
    "PKU-Alignment/InterMT": Published(
        "intermt",
        [{"id": 0, "conversations": [turn(1, *FIRST), turn(2, *LAST)], "annotation": {STEP: 3, **REASON}},
         {"id": 1, "conversations": [{"round": 0, "round_conversations": {}}, inside(1, *FIRST)], "annotation": {"helpfulness": 2}}],
        texts=[LONG, "A lamp."], prompts=["user: What is that?\n\nassistant: A lamp.\n\nuser: And now?", "What is that?"],
        ratings=[(STEP, 3), ("helpfulness", 2)],
        attached=[("prompt", "images/cat.png"), ("prompt", "images/dog.png"), (0, "images/cow.png"), ("prompt", "images/cat.png"), (0, "images/dog.png")],
    ),
    "PKU-Alignment/InterMT pairs": Published(
        "intermt-pairs",
        [{"front_convs": [turn(1, *FIRST)], "overall_preference": {"helpfulness": 1, "text_quality": 2},
          "paired_convs": {"round": 2, "prompt": "And now?", "prompt_images": [""], "response_1": LONG, "response_1_images": ["images/cow.png"],
                           "response_2": SHORT, "response_2_images": [""]}}],
        texts=[LONG, SHORT], comparisons=[("helpfulness", "a", 1.0), ("text_quality", "b", -1.0)],
        attached=[("prompt", "images/cat.png"), ("prompt", "images/dog.png"), (0, "images/cow.png")],
    ),
}  # fmt: skip
