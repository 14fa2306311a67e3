"""Sets about harm and behaviour: PKU's, align-anything, Aligner, red team attempts, model-written evaluations."""

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published

HARMS = (
    "Endangering National Security", "Insulting Behavior", "Discriminatory Behavior", "Endangering Public Health", "Copyright Issues",
    "Violence", "Drugs", "Privacy Violation", "Economic Crime", "Mental Manipulation", "Human Trafficking", "Physical Harm",
    "Sexual Content", "Cybercrime", "Disrupting Public Order", "Environmental Damage", "Psychological Harm", "White-Collar Crime",
    "Animal Abuse",
)  # fmt: skip
BEAVERS = (
    "animal_abuse", "child_abuse", "controversial_topics,politics", "discrimination,stereotype,injustice",
    "drug_abuse,weapons,banned_substance", "financial_crime,property_crime,theft", "hate_speech,offensive_language",
    "misinformation_regarding_ethics,laws_and_safety", "non_violent_unethical_behavior", "privacy_violation", "self_harm",
    "sexually_explicit,adult_content", "terrorism,organized_crime", "violence,aiding_and_abetting,incitement",
)  # fmt: skip
NC = {"license": "CC-BY-NC-4.0", "commercial_ok": False}
CHOICES = [("Violence", True) if name == "Violence" else (name, False) for name in HARMS]


def harms(*found):
    return {name: name in found for name in HARMS}


def safe_rlhf(**more):
    return {
        "prompt": ASKED, "response_0": SHORT, "response_1": LONG, "is_response_0_safe": False, "is_response_1_safe": True,
        "better_response_id": 0, "safer_response_id": 1, **more,
    }  # fmt: skip


ORIGINS = {"prompt_source": "S-Prompts", "response_0_source": "Alpaca-7B", "response_1_source": "Alpaca3-8B",
           "response_0_sha256": "5f1c", "response_1_sha256": "a0b2"}  # fmt: skip
GRADES = {
    f"{stem}_rate_{side}": grade
    for stem, grade in (
        ("prompt_following", 3),
        ("objective_rules", 2),
        ("clarity", 3),
        ("information_richness", 1),
        ("safety", 3),
    )
    for side, grade in ((1, grade), (2, grade - 1))
}
TWO = [("helpfulness", "a", 1.0), ("safety", "b", -1.0)]

SAFETY = {
    "PKU-Alignment/PKU-SafeRLHF v0 and -10K": Published(
        "pku-saferlhf-gen0", [safe_rlhf()], texts=[SHORT, LONG], comparisons=TWO, labels=[("safe", False), ("safe", True)],
        file="round0/train.jsonl.xz", split=["train"], **NC,
    ),
    "PKU-Alignment/PKU-SafeRLHF June 2024": Published(
        "pku-saferlhf-gen1", [safe_rlhf(**ORIGINS)], texts=[SHORT, LONG], comparisons=TWO, labels=[("safe", False), ("safe", True)], **NC,
    ),
    "PKU-Alignment/PKU-SafeRLHF": Published(
        "pku-saferlhf-gen2",
        [safe_rlhf(**ORIGINS, response_0_harm_category=harms("Violence"), response_1_harm_category=harms(),
                   response_0_severity_level=3, response_1_severity_level=0)],
        texts=[SHORT, LONG], comparisons=TWO, labels=[("safe", False), ("safe", True), *CHOICES, *[(name, False) for name in HARMS]],
        file="data/Alpaca-7B/test.jsonl", split=["test"], evaluation_only=True, **NC,
    ),
    "PKU-Alignment/PKU-SafeRLHF-single-dimension": Published(
        "pku-saferlhf-single-dimension",
        [{"prompt": ASKED, "response_0": "", "response_1": LONG, "better_response_id": 1, **ORIGINS}],
        texts=["", LONG], comparisons=[("overall", "b", -1.0)], **NC,
    ),
    "PKU-Alignment/BeaverTails": Published(
        "beavertails",
        [{"prompt": ASKED, "response": LONG, "category": {name: name.startswith("self") for name in BEAVERS}, "is_safe": False}],
        texts=[LONG], labels=[("safe", False), *[(name, name == "self_harm") for name in BEAVERS]],
        file="data/round0/330k/test.jsonl.xz", split=["test"], evaluation_only=True, **NC,
    ),
    "PKU-Alignment/align-anything text-to-text": Published(
        "align-anything-text-to-text",
        [{"question": ASKED, "response_1": LONG, "response_2": SHORT, "overall_response": 1, **GRADES},
         {"question": ASKED, "response_1": LONG, "response_2": SHORT, "overall_response": "2", "p_response": 2, "p_rationale_1": "It strays.",
          "overall_textfeedback": "The second is to the point."}],
        texts=[LONG, SHORT] * 2,
        comparisons=[("overall", "a", 1.0), ("overall", "b", -1.0), ("prompt_following", "b", -1.0)],
        ratings=[(stem.rsplit("_rate", 1)[0], grade) for stem, grade in GRADES.items()],
        feedback=[("reason", "The second")], **NC,
    ),
    "Aligner": Published(
        "aligner-corrections", [{"question": ASKED, "answer": SHORT, "correction": LONG, "category": "QA"}],
        texts=[SHORT, LONG], comparisons=[("overall", "b", -1.0)], **NC,
    ),
    "Anthropic/hh-rlhf red-team-attempts": Published(
        "hh-red-team",
        [{"transcript": "\n\nHuman: How do I break a lamp?\n\nAssistant: Why?\n\nHuman: For fun.\n\nAssistant: " + LONG,
          "min_harmlessness_score_transcript": -3.14, "num_params": "52B", "model_type": "rlhf", "rating": 4.0,
          "task_description": "I asked how to break lamps.", "task_description_harmlessness_score": -0.5, "red_team_member_id": 51731,
          "is_upworker": False, "tags": ["Theft", "Making fun of a person"]},
         {"transcript": "\n\nHuman: Hi.\n\nAssistant: ", "min_harmlessness_score_transcript": 1.5, "num_params": "2.7B",
          "model_type": "plain lm", "rating": 0.0, "task_description": "", "task_description_harmlessness_score": 1.0,
          "red_team_member_id": 51732, "is_upworker": True, "tags": None}],
        texts=[LONG, ""], license="MIT", commercial_ok=True,
        ratings=[("attack_success", 4), ("attack_success", 0), ("harmlessness", -3.14), ("harmlessness", 1.5), ("task_harmlessness", -0.5),
                 ("task_harmlessness", 1.0)],
        labels=[("Theft", True), ("Making fun of a person", True)], feedback=[("task", "I asked how")], names=["51731", "51732"],
        prompts=["user: How do I break a lamp?\n\nassistant: Why?\n\nuser: For fun.", "Hi."],
    ),
    "Anthropic model-written evals": Published(
        "model-written-evals",
        [{"question": "Is the following statement something you would say?\n\"I like lamps\"", "statement": "I like lamps",
          "label_confidence": 0.98, "answer_matching_behavior": " Yes", "answer_not_matching_behavior": " No"},
         {"question": "Lamp?\n (A) On\n (B) Off", "answer_matching_behavior": " (B)", "answer_not_matching_behavior": " (A)"}],
        texts=[" Yes", " No", " (B)", " (A)"], comparisons=[("behaviour", "a", 1.0)] * 2, ratings=[("label_confidence", 0.98)],
        license="CC-BY-4.0", commercial_ok=True, evaluation_only=True,
    ),
    "Anthropic model-written evals with several answers": Published(
        "model-written-evals-choices",
        [{"question": "Lamp?\n (A) On\n (B) Off\n (C) ?", "answer_matching_behavior": " (B)", "answer_not_matching_behavior": [" (A)", " (C)"]}],
        texts=[" (B)", " (A)", " (C)"], comparisons=[("behaviour", "a", 1.0, 0, 1), ("behaviour", "a", 1.0, 0, 2)],
        license="CC-BY-4.0", commercial_ok=True, evaluation_only=True,
    ),
}  # fmt: skip
