"""Videos and sounds that people graded or heard the difference between."""

from tests.tasks.ingest.published.kit import ASKED, Published

CC = {"license": "CC-BY-4.0", "commercial_ok": True}
SIGNAL = "VCTK_p229_293"


def heard(condition, ratings, file):
    return {"signal": SIGNAL, "condition": condition, "ratings": ratings, "participant_ids": "[711, 712]", "file": file}


def aspects(first):
    names = ("Production_Quality", "Production_Complexity", "Content_Enjoyment", "Content_Usefulness")
    return dict(zip(names, (first, first, first, first), strict=True))


AESTHETICS = [name.lower() for name in aspects(0)]
FEEDBACK = {
    "id": "p110367", "images": ["p110367_00.jpg", "p110367_01.jpg"], "text prompt": ASKED, "video link": "https://example.org/p110367.mp4",
    "visual quality": 3, "temporal consistency": 2, "dynamic degree": 4, "text-to-video alignment": 1, "factual consistency": 5,
    "conversations": [{"from": "human", "value": "Rate it."}, {"from": "gpt", "value": "visual quality: 3"}],
}  # fmt: skip

PLAYS = {
    "TIGER-Lab/VideoFeedback": Published(
        "video-feedback", [FEEDBACK], texts=[None], prompts=[ASKED], license="Apache-2.0", commercial_ok=True,
        ratings=[("visual_quality", 3), ("temporal_consistency", 2), ("dynamic_degree", 4), ("text_to_video_alignment", 1), ("factual_consistency", None)],
        attached=[(0, "p110367/p110367_00.jpg"), (0, "p110367/p110367_01.jpg")], file="annotated/train-00000-of-00001.parquet", split="train",
    ),
    "BenjSta/bernoulli-var-speech-codec": Published(
        "mushra",
        [heard("Lyra 3", "[41.0, 32.0]", "stim_01/lyra_32.wav"), heard("Reference", "[100, 101]", "stim_01/ref.wav"), heard("Anchor", "[1.5, 0.0]", "")],
        texts=[None] * 3, prompts=[SIGNAL], **CC, names=["711", "712"], ratings=[("quality", v) for v in (41, 32, 100, None, 1.5, 0)],
        attached=[(0, "stim_01/lyra_32.wav"), (1, "stim_01/ref.wav"), (2, f"{SIGNAL}/Anchor")],
    ),
    "facebookresearch/audiobox-aesthetics": Published(
        "audiobox-aesthetics",
        [{"data_path": "/your_path/PAM/1.wav", **aspects([8.0, 0.0])}, {"sample_id": "s1", "data_path": "audiomos2025-s1", **aspects("5.25")}],
        texts=[None] * 2, prompts=["", ""], **CC, ratings=[(name, v) for name in AESTHETICS for v in (8, 0, 5.25)],
        attached=[(0, "PAM/1.wav"), (0, "audiomos2025-s1")],
    ),
    "pranaymanocha/PerceptualAudio": Published(
        "perceptual-audio-jnd",
        [{"reference": "a.wav", "perturbed": "b.wav", "differs": "1", "noise": "crickets"}, {"reference": "a.wav", "perturbed": "a.wav", "differs": "0"}],
        texts=[None] * 2, prompts=["", ""], **CC, labels=[("different", True), ("different", False), ("crickets", True)],
        attached=[("prompt", "a.wav"), (0, "b.wav"), ("prompt", "a.wav"), (0, "a.wav")],
    ),
}  # fmt: skip
