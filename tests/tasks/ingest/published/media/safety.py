"""Sets about harm: SafeSora's videos, BeaverTails-V, SPA-VL."""

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published
from tests.tasks.ingest.published.media.files import held

NC = {"license": "CC-BY-NC-4.0", "commercial_ok": False}
HARMS = {"porn": False, "violence": True, "other_harmful": False}
SUBS = {"instruction_following": "video_0", "correctness": "video_1", "aesthetics": None}


def video(n, is_safe):
    return {
        "prompt_id": "p1", "prompt_text": ASKED, "prompt_type": "safety_neutral", "video_id": f"v{n}", "video_text": f"{ASKED} Slowly.",
        "video_path": f"videos/p1/v{n}.mp4", "is_safe": is_safe, "generated_from": f"model-{n}",
    }  # fmt: skip


def pair(key, helpfulness, harmlessness, **subs):
    return {
        "pair_id": key, "prompt_id": "p1", "prompt_text": ASKED, "prompt_type": "safety_neutral", "video_0": video(0, True),
        "video_1": video(1, False), "helpfulness": helpfulness, "harmlessness": harmlessness, "sub_preferences": SUBS | subs,
    }  # fmt: skip


def beavers(**more):
    return {
        "question": f"<image>\n{ASKED}", "image": held("cat.png", "1.png"), "category": "sexual_crimes", "image_severity": 2,
        "response_1": LONG, "response_2": SHORT, "safer_response_id": "2", **more,
    }  # fmt: skip


BOTH = {
    "response_1_from": "model-a", "response_2_from": "model-b", "more_helpful_response_id": 1, "is_response_1_safe": "no",
    "is_response_2_safe": "yes", "response_1_harmless_rate": -2, "response_2_harmless_rate": 3, "response_1_helpful_rate": 2,
    "response_2_helpful_rate": 1,
}  # fmt: skip
VIDEOS = [(0, "videos/p1/v0.mp4"), (1, "videos/p1/v1.mp4")]
SPA = {"image": held("cat.png"), "question": f"<image>{ASKED}", "class1": "Security Threats", "class2": "Cybercrime"}

SAFETY = {
    "PKU-Alignment/SafeSora": Published(
        "safesora",
        [pair("a", "video_0", "video_1", information="video_1"), pair("b", "video_1", None, informativeness="video_0")],
        texts=[None] * 4, **NC, prompts=[ASKED] * 2, file="config-train.json.gz", split="train", attached=VIDEOS * 2,
        comparisons=[("helpfulness", "a", 1.0), ("helpfulness", "b", -1.0), ("harmlessness", "b", -1.0),
                     ("instruction_following", "a", 1.0), ("instruction_following", "a", 1.0), ("correctness", "b", -1.0),
                     ("correctness", "b", -1.0), ("information", "b", -1.0), ("information", "a", 1.0)],
        labels=[("safe", True), ("safe", False)] * 2 + [("safety_neutral", True)] * 2,
    ),
    "PKU-Alignment/SafeSora-Label": Published(
        "safesora-label", [video(0, False) | {"prompt_labels": HARMS, "video_labels": HARMS | {"porn": True}}],
        texts=[None], **NC, file="config-test.json.gz", split="test", attached=VIDEOS[:1],
        labels=[("safe", False), ("porn", True), ("violence", True), ("other_harmful", False), *HARMS.items(), ("safety_neutral", True)],
    ),
    "PKU-Alignment/SafeSora-Eval": Published(
        "safesora-eval", [{"prompt_id": "e1", "prompt_text": ASKED, "prompt_type": "safety_critical", "prompt_labels": HARMS}],
        texts=[], prompts=[ASKED], **NC, evaluation_only=True, labels=[*HARMS.items(), ("safety_critical", True)],
    ),
    "saferlhf-v/BeaverTails-V": Published(
        "beavertails-v-pairs", [beavers(**BOTH), beavers(**BOTH | {"more_helpful_response_id": "2", "safer_response_id": -1})],
        texts=[LONG, SHORT] * 2, prompts=[ASKED] * 2, **NC, file="data/sexual_crimes/evaluation.parquet", split="evaluation",
        comparisons=[("helpfulness", "a", 1.0), ("helpfulness", "b", -1.0), ("safety", "b", -1.0), ("safety", "invalid", None)],
        ratings=[("harmlessness", -2), ("harmlessness", 3)] * 2 + [("helpfulness_grade", 2), ("helpfulness_grade", 1)] * 2 + [("image_severity", 2)] * 2,
        labels=[("safe", False), ("safe", True)] * 2 + [("sexual_crimes", True)] * 2, attached=[("prompt", "cat.png")] * 2,
    ),
    "PKU-Alignment/PKU-SafeRLHF-V": Published(
        "beavertails-v-pairs", [beavers()], texts=[LONG, SHORT], prompts=[ASKED], **NC, comparisons=[("safety", "b", -1.0)],
        ratings=[("image_severity", 2)], labels=[("sexual_crimes", True)], attached=[("prompt", "cat.png")],
    ),
    "PKU-Alignment/BeaverTails-V": Published(
        "beavertails-v",
        [{"question": ASKED, "image": held("cat.png"), "category": "sexual_crimes", "image_severity": 1, "response": LONG, "is_response_safe": "yes"}],
        texts=[LONG], **NC, ratings=[("image_severity", 1)], labels=[("safe", True), ("sexual_crimes", True)], attached=[("prompt", "cat.png")],
    ),
    "sqrti/SPA-VL": Published(
        "spa-vl",
        [SPA | {"chosen": LONG, "rejected": SHORT}, {"id": "7", "image": "images/dog.png", "question": ASKED, "chosen": LONG, "rejected": SHORT}],
        texts=[LONG, SHORT] * 2, prompts=[ASKED] * 2, comparisons=[("harmlessness", "a", 1.0)] * 2,
        labels=[("Security Threats", True), ("Cybercrime", True)], attached=[("prompt", "cat.png"), ("prompt", "images/dog.png")],
    ),
    "sqrti/SPA-VL test": Published(
        "spa-vl-test", [SPA], texts=[], prompts=[ASKED], evaluation_only=True,
        labels=[("Security Threats", True), ("Cybercrime", True)], attached=[("prompt", "cat.png")],
    ),
}  # fmt: skip
