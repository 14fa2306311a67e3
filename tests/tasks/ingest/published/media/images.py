"""Pictures made from words: picked, ranked, graded and edited ones."""

from tests.tasks.ingest.published.kit import ASKED, Published
from tests.tasks.ingest.published.media.files import bare, held

APACHE = {"license": "Apache-2.0", "commercial_ok": True}
FIVE = ["cat.png", "dog.png", "bird.png"]
THREE = [("overall", 6), ("overall", 4), ("overall", 4)]


def picked(label_0, label_1, user):
    return {
        "are_different": label_0 != label_1, "best_image_uid": "u0", "caption": ASKED, "created_at": "2023-02-01T00:00:00", "has_label": True,
        "image_0_uid": "u0", "image_0_url": "https://example.org/0", "image_1_uid": "u1", "image_1_url": "https://example.org/1", "jpg_0": bare("cat.jpg"),
        "jpg_1": bare("dog.jpg"), "label_0": label_0, "label_1": label_1, "model_0": "sd-1", "model_1": "sd-2", "ranking_id": 12, "user_id": user,
        "num_example_per_prompt": 4, "__index_level_0__": 3,
    }  # fmt: skip


def rewarded(name, rank, grade, prompt_id="001-1"):
    return {
        "image_path": f"images/test/{name}", "prompt_id": prompt_id, "prompt": ASKED, "classification": "People", "image_amount_in_total": 3, "rank": rank,
        "overall_rating": grade, "image_text_alignment_rating": grade - 1, "fidelity_rating": grade + 1,
    }  # fmt: skip


GROUP = {
    "prompt_id": "001-1", "prompt": ASKED, "classification": "People", "image": [held(name) for name in FIVE], "rank": [1, 2, 2],
    "overall_rating": [6, 4, 4], "image_text_alignment_rating": [5, 3, 3], "fidelity_rating": [7, 5, 5],
}  # fmt: skip
RATED = [
    (name, v)
    for name, d in (("overall", 0), ("image_text_alignment", -1), ("fidelity", 1))
    for v in (6 + d, 4 + d, 4 + d)
]
RANKED = [("overall", 1.0), ("overall", 2.0), ("overall", 2.0)]
VOTE = {"left_model": "sd", "right_model": "flux"}
JUDGED = {
    "idx": 0,
    "prompt": ASKED,
    "response": "Model A follows the prompt.",
    "model_vote": "[[A>B]]",
    "human_vote": "rightvote",
    "correct": False,
}
EDIT = {
    "IMAGE_ID": "x1", "EDITING_TYPE": "Replace", "CORE": 1, "MASK": 1, "EDITING_INSTRUCTION": "Make the lamp a candle.",
    "OUTPUT_DESCRIPTION": "A candle.", "INPUT_CAPTION_BY_LLAMA": "A lamp in a room.", "OUTPUT_CAPTION_BY_LLAMA": "A candle in a room.",
    "INPUT_IMG": held("cat.png"), "MASK_IMG": held("mask.png"), "OUTPUT_IMG": held("dog.png"),
}  # fmt: skip

IMAGES = {
    "pickapic-anonymous/pickapic_v1": Published(
        "pick-a-pic", [picked(1.0, 0.0, 4711), picked(0.5, 0.5, 4712)], texts=[None] * 4, names=["4711", "4712"],
        comparisons=[("overall", "a", 1.0), ("overall", "tie", 0.0)], attached=[(0, "cat.jpg"), (1, "dog.jpg")] * 2,
        file="data/validation_unique-00000-of-00001.parquet", split="validation",
    ),
    "sayakpaul/pickapic_v2_webdataset": Published(
        "pick-a-pic-shards",
        [{"__key__": "0", "original_prompt.txt": ASKED, "jpg_0.jpg": bare("cat.jpg"), "jpg_1.jpg": bare("dog.jpg"), "label_0.txt": "0", "label_1.txt": "1"}],
        texts=[None] * 2, prompts=[ASKED], comparisons=[("overall", "b", -1.0)], attached=[(0, "cat.jpg"), (1, "dog.jpg")],
    ),
    "zai-org/ImageRewardDB": Published(
        "imagereward", [rewarded("cat.png", 1, 6), rewarded("dog.png", 2, 4), rewarded("cow.png", 2, 4), rewarded("cat.png", 1, 6, "001-2")],
        texts=[None] * 4, **APACHE, prompts=[ASKED] * 2, rankings=[*RANKED, ("overall", 1.0)], labels=[("People", True)] * 2,
        ratings=[(name, v) for name, d in (("overall", 0), ("image_text_alignment", -1), ("fidelity", 1)) for v in (6 + d, 4 + d, 4 + d, 6 + d)],
        attached=[(at, f"images/test/{name}") for at, name in ((0, "cat.png"), (1, "dog.png"), (2, "cow.png"), (0, "cat.png"))],
        file="images/test/test_1.zip!test_1.json", split="test",
    ),
    "zai-org/ImageRewardDB group": Published(
        "imagereward-group", [GROUP], texts=[None] * 3, **APACHE, rankings=RANKED, labels=[("People", True)], ratings=RATED,
        attached=list(enumerate(FIVE)), file="metadata-train.parquet", split="train",
    ),
    "zai-org/ImageRewardDB pair": Published(
        "imagereward-pair",
        [{"prompt_id": "001-1", "prompt": ASKED, "classification": "People", "img_better": held("cat.png"), "img_worse": held("dog.png")}],
        texts=[None] * 2, **APACHE, comparisons=[("overall", "a", 1.0)], labels=[("People", True)], attached=[(0, "cat.png"), (1, "dog.png")],
    ),
    "THUDM/ImageReward": Published(
        "imagereward-ranking", [{"id": "001-1", "prompt": ASKED, "generations": ["a/cat.webp", "a/dog.webp"], "ranking": [2, 1]}],
        texts=[None] * 2, **APACHE, rankings=[("overall", 2.0), ("overall", 1.0)], attached=[(0, "a/cat.webp"), (1, "a/dog.webp")],
    ),
    "ymhao/HPDv2 train": Published(
        "hpd-v2-train",
        [{"prompt": ASKED, "file_path": ["cat.jpg", "dog.jpg"], "human_preference": [0, 1], "user_hash": "hash-4711"},
         {"prompt": ASKED, "image_path": ["cat.jpg", "dog.jpg"], "human_preference": [1, 0]}],
        texts=[None] * 4, **APACHE, comparisons=[("overall", "b", -1.0), ("overall", "a", 1.0)], attached=[(0, "cat.jpg"), (1, "dog.jpg")] * 2,
        names=["hash-4711"], file="train.json", split="train",
    ),
    "ymhao/HPDv2 test": Published(
        "hpd-v2-test",
        [{"prompt": ASKED, "image_path": ["cat.jpg", "dog.jpg"], "rank": [1.5, 2.5],
          "raw_annotations": [{"rank": [1, 2], "user_hash": "hash-4711"}, {"rank": [2, 1], "user_hash": "hash-4712"}]}],
        texts=[None] * 2, **APACHE, rankings=[("overall", 1.5), ("overall", 2.5), *[("individual", v) for v in (1.0, 2.0, 2.0, 1.0)]],
        attached=[(0, "cat.jpg"), (1, "dog.jpg")], names=["hash-4711", "hash-4712"], file="test.json", split="test",
    ),
    "MizzenAI/HPDv3": Published(
        "hpd-v3",
        [{"prompt": ASKED, "path1": "images/cat.jpg", "path2": "images/dog.jpg", "model1": "flux", "model2": "sd", "confidence": 0.98, "choice_dist": [12, 7]},
         {"prompt": ASKED, "path1": "images/cat.jpg", "path2": "images/cow.jpg", "model1": "real", "model2": "sd", "confidence": None, "choice_dist": None}],
        texts=[None] * 4, license="mixed, MIT over the terms of the images", comparisons=[("overall", "a", 1.0)] * 2, ratings=[("confidence", 0.98)],
        attached=[(0, "images/cat.jpg"), (1, "images/dog.jpg"), (0, "images/cat.jpg"), (1, "images/cow.jpg")], file="test.json", split="test",
    ),
    "AGI-Eval-Official/Q-Eval-100K": Published(
        "q-eval",
        [{"prompt": ASKED, "image_path": "image/cat.png", "gt_score": 3.25, "model": "flux"},
         {"prompt": ASKED, "video_path": "video/cat.mp4", "gt_score": "2.5", "model": "sora"}],
        texts=[None] * 2, license="CC-BY-NC-4.0", commercial_ok=False, ratings=[("alignment", 3.25), ("alignment", 2.5)],
        attached=[(0, "image/cat.png"), (0, "video/cat.mp4")], file="train_alignment.json",
    ),
    "BryanW/HumanEdit": Published(
        "human-edit", [EDIT], texts=[None], prompts=["Make the lamp a candle."], labels=[("Replace", True), ("core", True)],
        feedback=[("caption", "A lamp"), ("caption", "A candle in"), ("description", "A candle.")],
        attached=[("prompt", "cat.png"), ("mask", "mask.png"), (0, "dog.png")],
    ),
    "TIGER-Lab/GenAI-Bench": Published(
        "genai-bench",
        [{"prompt": ASKED, "left_image": held("cat.png"), "right_image": held("dog.png"), **VOTE, "vote_type": "leftvote"},
         {"source_prompt": "A lamp.", "target_prompt": "A candle.", "instruct_prompt": "Make it a candle.", "source_image": held("cat.png"),
          "left_output_image": held("dog.png"), "right_output_image": held("cow.png"), **VOTE, "vote_type": "bothbad_vote"},
         {"prompt": ASKED, "left_video": "videos/cat.mp4", "right_video": "videos/dog.mp4", **VOTE, "vote_type": "tievote"}],
        texts=[None] * 6, license="CC-BY-4.0", commercial_ok=True, evaluation_only=True, prompts=[ASKED, "Make it a candle.", ASKED],
        comparisons=[("overall", "a", 1.0), ("overall", "both_bad", None), ("overall", "tie", 0.0)],
        attached=[(0, "cat.png"), (1, "dog.png"), ("prompt", "cat.png"), (0, "dog.png"), (1, "cow.png"), (0, "videos/cat.mp4"), (1, "videos/dog.mp4")],
    ),
    "TIGER-AI-Lab/GenAI-Bench results": Published(
        "genai-bench-judged", [JUDGED, JUDGED | {"idx": 1, "model_vote": None, "human_vote": "bothbad_vote"}],
        texts=[None] * 4, evaluation_only=True, attached=[(0, "0/left"), (1, "0/right"), (0, "1/left"), (1, "1/right")],
        comparisons=[("overall", "b", -1.0), ("overall", "both_bad", None), ("judge", "a", 1.0)], feedback=[("judgment", "Model A")] * 2,
        file="results/video_generation/gpt4o/pairwise.jsonl",
    ),
    "Yushi-Hu/tifa": Published(
        "tifa",
        [{"_key": f"coco_1_{name}", "text_id": "coco_1", "image_path": f"coco_1_{name}.jpg", "text": ASKED, "human_scores": [5, n], "human_avg": 4.0, "bleu": 0.1}
         for n, name in ((3, "sd"), (4, "dalle"))],
        texts=[None] * 2, prompts=[ASKED], **APACHE, ratings=[("overall", v) for v in (5, 3, 5, 4)], attached=[(0, "coco_1_sd.jpg"), (1, "coco_1_dalle.jpg")],
    ),
    "lcysyzxdxc/AGIQA-3K": Published(
        "agiqa",
        [{"name": f"{name}.jpg", "prompt": ASKED, "adj1": "", "adj2": "", "style": "", "mos_quality": f"{n}.5", "std_quality": "0.2", "mos_align": "1.25",
          "std_align": "0.6"} for n, name in ((1, "a"), (6, "b"))],
        texts=[None] * 2, prompts=[ASKED], license="MIT", commercial_ok=True, attached=[(0, "a.jpg"), (1, "b.jpg")],
        ratings=[("quality", 1.5), ("quality", None), ("alignment", 1.25), ("alignment", 1.25)],
    ),
    "TIGER-AI-Lab/ImagenHub": Published(
        "imagen-hub", [{"uid": "sample_0.jpg", "DALLE": "[1,0.5]", "SDXL": "[0, 1]", "Midjourney": ""}, {"uid": "sample_1.jpg", "DALLE": "[0,0]", "SDXL": None}],
        texts=[None] * 3, prompts=["sample_0.jpg", "sample_1.jpg"], license="MIT", commercial_ok=True, evaluation_only=True,
        ratings=[("semantic_consistency", 1), ("semantic_consistency", 0), ("semantic_consistency", 0), ("perceptual_quality", 0.5),
                 ("perceptual_quality", 1), ("perceptual_quality", 0)],
        attached=[(0, "DALLE/sample_0.jpg"), (1, "SDXL/sample_0.jpg"), (0, "DALLE/sample_1.jpg")], file="Text-To-Image/Text-To-Image_rater3.tsv",
    ),
}  # fmt: skip
