"""Pairs of chosen and rejected, and unpaired answers: sets that a few general adapters share, and those that say more."""

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published, message, said, talk

THEN = "And where does the candle stand, if there is one at all?"
WON = [("overall", "a", 1.0)]
CHOSEN, REJECTED = talk(ASKED, LONG), talk(ASKED, SHORT)


def won(adapter, *rows, **more):
    """A set whose rows each say that the first of two answers is better."""
    return Published(adapter, list(rows), **{"texts": [LONG, SHORT] * len(rows), "comparisons": WON * len(rows)} | more)


def intel(status, chosen_score, **more):
    return {
        "system": "", "input": ASKED, "chosen": LONG, "rejected": SHORT, "generations": [LONG, SHORT], "order": ["chosen", "rejected"],
        "labelling_model": "gpt-4-1106-preview", "labelling_prompt": [message("system", "Judge."), message("user", "Which?")],
        "raw_labelling_response": "9\n9\nBoth are fine.", "rating": [9.0, 9.0], "rationale": "Both are fine.", "status": status,
        "original_chosen": LONG, "original_rejected": SHORT, "chosen_score": chosen_score, "in_gsm8k_train": False, **more,
    }  # fmt: skip


PREFERENCES = [
    {
        "dimension": "style",
        "subdimension": "Conciseness",
        "preference": "Brief",
        "description": "The user likes few words.",
    },
    {
        "dimension": "harmlessness",
        "subdimension": "Safety",
        "preference": "Careful",
        "description": "The user fears fire.",
    },
]

PAIRS = {
    "Skywork/Skywork-Reward-Preference-80K": won(
        "trl-preference-implicit",
        {"chosen": CHOSEN, "rejected": REJECTED, "source": "magpie_ultra"},
        {"chosen": talk(ASKED, "Left.", THEN, LONG), "rejected": talk(ASKED, "Left.", THEN, SHORT), "source": "wildguard"},
        prompts=[ASKED, f"user: {ASKED}\n\nassistant: Left.\n\nuser: {THEN}"],
    ),
    "allenai/llama-3.1-tulu-3-8b-preference-mixture": won(
        "trl-preference",
        {"id": "a1", "source": "ultrafeedback_cleaned", "prompt": ASKED, "chosen": CHOSEN, "rejected": REJECTED, "chosen_model": "gpt-4",
         "rejected_model": "yi-34b"},
        {"id": "a2", "source": "wildchat", "prompt": THEN, "chosen": talk(ASKED, "Left.", THEN, LONG),
         "rejected": talk(ASKED, "Left.", THEN, SHORT), "chosen_model": "gpt-4", "rejected_model": "yi-34b"},
        prompts=[ASKED, f"user: {ASKED}\n\nassistant: Left.\n\nuser: {THEN}"],
    ),
    "HuggingFaceH4/ultrafeedback_binarized": won(
        "trl-preference",
        {"prompt": ASKED, "prompt_id": "9f2c", "chosen": CHOSEN, "rejected": REJECTED, "messages": CHOSEN, "score_chosen": 8.5,
         "score_rejected": 8.5},
        ratings=[("overall", 8.5), ("overall", 8.5)], file="data/test_prefs-00000-of-00001.parquet", split=["test"], evaluation_only=True,
    ),
    "trl-lib/ultrafeedback_binarized": won(
        "trl-preference-implicit", {"chosen": CHOSEN, "rejected": REJECTED, "score_chosen": 6.0, "score_rejected": 3.5},
        ratings=[("overall", 6.0), ("overall", 3.5)], file="data/train-00000-of-00002.parquet", split=["train"],
    ),
    "argilla/ultrafeedback-binarized-preferences-cleaned": won(
        "trl-preference",
        {"source": "evol_instruct", "prompt": ASKED, "chosen": CHOSEN, "chosen-rating": 5.0, "chosen-model": "gpt-4", "rejected": REJECTED,
         "rejected-rating": 3.75, "rejected-model": "alpaca-7b"},
        ratings=[("overall", 5.0), ("overall", 3.75)],
    ),
    "argilla/distilabel-capybara-dpo-7k-binarized": won(
        "trl-preference",
        {"source": "Dove", "prompt": f"{ASKED}\nLeft.\n{THEN}", "chosen": talk(ASKED, "Left.", THEN, LONG), "rating_chosen": 5,
         "rejected": talk(ASKED, "Left.", THEN, SHORT), "rating_rejected": 4, "chosen_model": None, "rejected_model": "nous-hermes"},
        ratings=[("overall", 5), ("overall", 4)], prompts=[f"user: {ASKED}\n\nassistant: Left.\n\nuser: {THEN}"],
    ),
    "princeton-nlp/llama3-ultrafeedback-armorm": won(
        "trl-preference",
        {"prompt_id": "6f", "prompt": ASKED, "all_generated_responses": [SHORT, LONG, "No."], "all_rm_scores": [0.11, 0.18, 0.12],
         "chosen": CHOSEN, "rejected": REJECTED},
    ),
    "Intel/orca_dpo_pairs": won(
        "string-preference",
        {"system": "", "question": ASKED, "chosen": LONG, "rejected": SHORT},
        {"system": "Be kind.", "question": THEN, "chosen": LONG, "rejected": SHORT}, prompts=[ASKED, THEN],
    ),
    "llamafactory/ultrafeedback_binarized": won(
        "string-preference", {"instruction": ASKED, "chosen": LONG, "rejected": SHORT}, prompts=[ASKED]
    ),
    "Magpie-Align DPO": won(
        "string-preference",
        {"uuid": "0d1", "instruction": ASKED, "chosen": CHOSEN, "rejected": REJECTED, "chosen_score": 0.19, "rejected_score": 0.12},
        prompts=[ASKED], ratings=[("overall", 0.19), ("overall", 0.12)],
    ),
    "kaist-ai Multifaceted RM": won(
        "string-preference", {"system": "Be brief.", "input": ASKED, "chosen": LONG, "rejected": SHORT}, prompts=[ASKED]
    ),
    "kaist-ai/Multifaceted-Collection-DPO": won(
        "multifaceted",
        {"main_source": "OpenHermes", "original_source": "own", "preference_set": PREFERENCES, "system": "Be brief.", "prompt": ASKED,
         "chosen": LONG, "rejected": SHORT},
        {"preference_set": [], "system": "Be brief.", "instruction": ASKED, "chosen_response": LONG, "rejected_response": SHORT},
        prompts=[ASKED] * 2, license="CC-BY-4.0", commercial_ok=True, labels=[("Brief", True), ("Careful", True)],
        feedback=[("preference", "The user likes"), ("preference", "The user fears")],
    ),
    "llamafactory/DPO-En-Zh-20k": won(
        "sharegpt-preference",
        {"conversations": [said("human", ASKED)], "chosen": said("gpt", LONG), "rejected": said("gpt", SHORT)},
        {"conversations": [said("system", "请简短。"), said("human", "灯在哪里?")], "chosen": said("gpt", LONG), "rejected": said("gpt", SHORT)},
        prompts=[ASKED, "灯在哪里?"],
    ),
    "microsoft/WildFeedback": won(
        "sharegpt-preference",
        {"conversations": [said("human", ASKED), said("gpt", "Left."), said("human", THEN)], "chosen": said("gpt", LONG),
         "rejected": said("gpt", SHORT)},
        prompts=[f"user: {ASKED}\n\nassistant: Left.\n\nuser: {THEN}"],
    ),
    "openbmb/UltraInteract_pair": won(
        "ultrainteract-pair",
        {"id": "0001", "parent_id": "0000", "task": "Coding", "dataset": "codecontest", "chosen": LONG, "rejected": SHORT,
         "trajectory": [said("user", ASKED), said("assistant", "Step 1: look."), said("user", "Observation: dark.")]},
        prompts=[f"user: {ASKED}\n\nassistant: Step 1: look.\n\nuser: Observation: dark."], labels=[("Coding", True)],
        license="MIT", commercial_ok=True,
    ),
    "argilla/distilabel-intel-orca-dpo-pairs": Published(
        "distilabel-intel-orca",
        [intel("unchanged", 9.0), intel("swapped", 8.0, original_chosen=SHORT, original_rejected=LONG), intel("tie", 9.0),
         intel("tie", None, rating=None, rationale=None, system=None)],
        texts=[LONG, SHORT] * 4, prompts=[ASKED] * 4,
        comparisons=[*WON, *WON, ("overall", "tie", 0.0), ("overall", "tie", 0.0)],
        ratings=[("overall", 9.0), ("overall", 8.0), ("overall", 9.0)],
    ),
    "NCSOFT/offsetbias": Published(
        "two-outputs",
        [{"instruction": ASKED, "output_1": SHORT, "output_2": LONG, "label": 2, "id": 0},
         {"instruction": ASKED, "output_1": LONG, "output_2": SHORT, "label": "1", "id": 1}],
        texts=[SHORT, LONG, LONG, SHORT], comparisons=[("overall", "b", -1.0), *WON],
    ),
    "argilla/ultrafeedback-binarized-preferences-cleaned-kto": Published(
        "trl-unpaired-preference",
        [{"prompt": ASKED, "completion": LONG, "label": True}, {"prompt": ASKED, "completion": SHORT, "label": False}],
        texts=[LONG, SHORT], labels=[("desirable", True), ("desirable", False)],
    ),
    "argilla/kto-mix-15k": Published(
        "trl-unpaired-preference-implicit",
        [{"dataset": "argilla/own", "completion": CHOSEN, "label": True, "rating": 5}, {"dataset": "own", "completion": REJECTED, "label": False, "rating": 2}],
        texts=[LONG, SHORT], labels=[("desirable", True), ("desirable", False)], prompts=[ASKED] * 2,
    ),
    "allenai/reward-bench": won(
        "reward-bench",
        {"prompt": ASKED, "chosen": LONG, "chosen_model": "gpt-4", "rejected": SHORT, "rejected_model": "own", "subset": "alpacaeval-easy", "id": 0},
        labels=[("alpacaeval-easy", True)], license="ODC-BY-1.0", commercial_ok=True, evaluation_only=True,
    ),
    "allenai/preference-test-sets": won(
        "reward-bench", {"prompt": ASKED, "chosen": CHOSEN, "rejected": REJECTED, "subset": "mtbench_human"},
        labels=[("mtbench_human", True)], license="ODC-BY-1.0", commercial_ok=True, evaluation_only=True,
    ),
    "allenai/reward-bench-2": Published(
        "reward-bench-2",
        [{"id": "5", "prompt": ASKED, "chosen": [LONG], "rejected": [SHORT, "No idea."], "num_correct": 1, "num_incorrect": 2,
          "total_completions": 3, "models": ["gpt-4", "own", "own"], "subset": "Math", "additional_metadata": None},
         {"id": "6", "prompt": "Name a colour.", "chosen": ["Red.", "Blue."], "rejected": ["Seven."], "num_correct": 2, "num_incorrect": 1,
          "total_completions": 3, "models": ["own"], "subset": "Ties", "additional_metadata": None}],
        texts=[LONG, SHORT, "No idea.", "Red.", "Blue.", "Seven."],
        comparisons=[("overall", "a", 1.0, 0, 1), ("overall", "a", 1.0, 0, 2), ("overall", "a", 1.0, 0, 2), ("overall", "a", 1.0, 1, 2)],
        labels=[("Math", True), ("Ties", True)], license="ODC-BY-1.0", commercial_ok=True, evaluation_only=True,
    ),
}  # fmt: skip
