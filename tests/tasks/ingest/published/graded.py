"""Sets with grades, strengths, ranks and votes: HelpSteer, Nectar, SHP, OpenAI's summaries and WebGPT."""

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published, talk

FIVE = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")


def vote(strength, why):
    return {"strength": strength, "justification": f"@Response {1 if strength < 0 else 2} {why}."}


def helpsteer2(strength, votes, **more):
    similar = [
        {"statement": "@Response 1 wins.", "elaboration": "It says why.", "strength": v["strength"]} for v in votes[:3]
    ]
    return {
        "split": "train", "prompt": ASKED, "response_1": LONG, "response_2": SHORT, "preference_strength": strength,
        "preference_statement": "@Response 1 wins.", "preference_elaboration": "It says why.",
        "three_most_similar_preferences": similar, "all_preferences_unprocessed": votes, **more,
    }  # fmt: skip


def shp(labels, score_a, score_b, **more):
    return {
        "post_id": "x1ab2c", "domain": "askacademia_train", "upvote_ratio": 0.98, "history": "[META] Which lamp to buy?\n\nFor a desk.",
        "c_root_id_A": "c1", "c_root_id_B": "c2", "created_at_utc_A": 1642706821, "created_at_utc_B": 1642706900,
        "score_A": score_a, "score_B": score_b, "human_ref_A": LONG, "human_ref_B": SHORT, "labels": labels,
        "seconds_difference": 79.0, "score_ratio": max(score_a, score_b) / min(score_a, score_b), **more,
    }  # fmt: skip


def comparison(batch, choice, info, **more):
    return {
        "info": {"id": "t3_1", "post": None, "title": None, "subreddit": None, "site": None, "article": None} | info,
        "summaries": [{"text": LONG, "policy": "sup4", "note": "Short but clear."}, {"text": " " + SHORT, "policy": "ref", "note": None}],
        "choice": choice, "worker": "ikNmucwunMnYJ", "batch": batch, "split": "valid2", "extra": {"confidence": 8}, **more,
    }  # fmt: skip


NECTAR = {
    "prompt": "\n\nHuman: Where is the lamp, and where does its light fall at night?\n\nAssistant: ", "turns": 1, "num_responses": 3,
    "answers": [{"answer": LONG, "model": "gpt-4", "rank": 1.0}, {"answer": SHORT, "model": "llama-2-7b-chat", "rank": 2.0},
                {"answer": SHORT, "model": "gpt-3.5-turbo", "rank": 2.0}],
    "source": ["sharegpt"], "good_natured": True,
}  # fmt: skip
POST = {"post": "The lamp fell. What now?", "title": "A lamp fell", "subreddit": "lamps"}
ARTICLE = {
    "article": "A lamp fell in Leeds, and nobody saw it.",
    "title": "Lamp falls",
    "site": "dailymail",
    "id": "ab12",
}
QUOTES = {"title": ["Lamps", ""], "extract": ["A lamp gives light."]}


def webgpt(score_0, score_1):
    return {
        "question": {"dataset": "eli5", "id": "5abc", "full_text": "Why does a lamp give light?"}, "quotes_0": QUOTES, "answer_0": LONG,
        "tokens_0": {"prefix": [1, 2], "completion": [3]}, "score_0": score_0, "quotes_1": QUOTES, "answer_1": SHORT,
        "tokens_1": {"prefix": [1, 2], "completion": [4]}, "score_1": score_1,
    }  # fmt: skip


GRADED = {
    "nvidia/HelpSteer2": Published(
        "helpsteer2",
        [{"prompt": "c#", "response": LONG, **dict(zip(FIVE, (3, 4, 4, 2, 1), strict=True))},
         {"prompt": "c#", "response": "", **dict(zip(FIVE, (0, 0, 1, 0, 0), strict=True))}],
        texts=[LONG, ""], license="CC-BY-4.0", commercial_ok=True,
        ratings=[(name, value) for at, name in enumerate(FIVE) for value in ((3, 0), (4, 0), (4, 1), (2, 0), (1, 0))[at]],
    ),
    "nvidia/HelpSteer2 disagreements": Published(
        "helpsteer2-disagreements",
        [{"prompt": "c#", "response": LONG, **{name: [2, 2] for name in FIVE[1:]}, "helpfulness": [3, 3, 4]}],
        texts=[LONG], license="CC-BY-4.0", commercial_ok=True,
        ratings=[("helpfulness", 3), ("helpfulness", 3), ("helpfulness", 4), *[(n, 2) for n in FIVE[1:] for _ in "12"]],
    ),
    "nvidia/HelpSteer2 preference": Published(
        "helpsteer2-preference",
        [helpsteer2(-2, [vote(-3, "is far better"), vote(-1, "is a bit better"), vote(1, "is shorter"), vote(-100, "and the other are wrong")]),
         helpsteer2(3, [vote(3, "wins")], split="val"), helpsteer2(0, [])],
        texts=[LONG, SHORT] * 3, license="CC-BY-4.0", commercial_ok=True, split=["train", "val", "train"],
        comparisons=[("overall", "a", 0.667), ("overall", "b", -1.0), ("overall", "tie", 0.0), ("individual", "a", 1.0), ("individual", "a", 0.333),
                     ("individual", "b", -0.333), ("individual", "both_bad", None), ("individual", "b", -1.0)],
        feedback=[("reason", "@Response 1 wins.")] * 3,
    ),
    "nvidia/HelpSteer3 preference": Published(
        "helpsteer3-preference",
        [{"domain": "code", "language": "python", "context": talk("Write a loop.", "In which language?", "Python."), "response1": LONG,
          "response2": SHORT, "overall_preference": -1,
          "individual_preference": [{"score": -2, "reasoning": "@Response 1 is better."}, {"score": 0, "reasoning": "Both are alike."}]}],
        texts=[LONG, SHORT], license="CC-BY-4.0", commercial_ok=True, file="preference/validation.jsonl.gz", split=["validation"],
        comparisons=[("overall", "a", 0.333), ("individual", "a", 0.667), ("individual", "tie", 0.0)],
        prompts=["user: Write a loop.\n\nassistant: In which language?\n\nuser: Python."],
    ),
    "nvidia/HelpSteer3 feedback": Published(
        "helpsteer3-feedback",
        [{"domain": "general", "language": "english", "context": talk(ASKED), "response1": LONG, "response2": SHORT,
          "feedback1": ["The response is mostly helpful. It says where.", "The response is perfectly helpful."],
          "feedback2": ["The response is slightly helpful."]}],
        texts=[LONG, SHORT], license="CC-BY-4.0", commercial_ok=True, prompts=[ASKED],
        feedback=[("critique", "The response is mostly"), ("critique", "The response is perf"), ("critique", "The response is slig")],
    ),
    "berkeley-nest/Nectar": Published(
        "nectar",
        [NECTAR, NECTAR | {"prompt": "\n\nHuman: Hi.\n\nAssistant: Yes?\n\nHuman: A lamp.\n\nAssistant: ", "turns": 2}],
        texts=[LONG, SHORT, SHORT] * 2, license="mixed, Apache-2.0 over upstream terms",
        rankings=[("overall", 1.0), ("overall", 2.0), ("overall", 2.0)] * 2,
        prompts=["Where is the lamp, and where does its light fall at night?", "user: Hi.\n\nassistant: Yes?\n\nuser: A lamp."],
    ),
    "stanfordnlp/SHP": Published(
        "shp",
        [shp(1, 100, 10), shp(0, 2, 4), shp(1, 500, 1, domain="legaladvice_test")],
        texts=[LONG, SHORT] * 3, license="Reddit terms", split=["train", "train", "test"],
        comparisons=[("overall", "a", 1.0), ("overall", "b", -0.301), ("overall", "a", 1.0)],
        ratings=[("overall", v) for v in (100, 10, 2, 4, 500, 1)],
    ),
    "openai/summarize_from_feedback comparisons": Published(
        "summarize-comparisons",
        [comparison("batch9", 1, POST), comparison("cnndm2", 0, ARTICLE)],
        texts=[LONG, " " + SHORT] * 2, license=["CC-BY-4.0", "CNN/DM terms"], commercial_ok=[True, None], split=["valid2"] * 2,
        comparisons=[("overall", "b", -1.0), ("overall", "a", 1.0)], ratings=[("confidence", 8), ("confidence", 8)],
        feedback=[("note", "Short but")] * 2, names=["ikNmucwunMnYJ"],
        prompts=["A lamp fell\n\nThe lamp fell. What now?", "Lamp falls\n\nA lamp fell in Leeds, and nobody saw it."],
    ),
    "openai/summarize_from_feedback axis": Published(
        "summarize-axis",
        [{"info": {"id": "16f", "post": None, "title": "Lamp falls", "site": "dailymail", "article": "A lamp fell in Leeds."}, "split": "test",
          "summary": {"text": LONG, "policy": "ref", "note": "13th??", "axes": {"overall": 3, "accuracy": 5, "coverage": 9, "coherence": None}},
          "worker": "qo6WIyEh27cw", "batch": "cnndm1"}],
        texts=[LONG], license="CNN/DM terms", split=["test"], names=["qo6WIyEh27cw"],
        ratings=[("overall", 3), ("accuracy", 5), ("coverage", None)], feedback=[("note", "13th??")],
    ),
    "openai/webgpt_comparisons": Published(
        "webgpt-comparisons",
        [webgpt(0.5, -0.5), webgpt(0.0, 0.0), webgpt(-1, 1)],
        texts=[LONG, SHORT] * 3, prompts=["Why does a lamp give light?"] * 3,
        comparisons=[("overall", "a", 0.5), ("overall", "tie", 0.0), ("overall", "b", -1.0)],
        ratings=[("overall", v) for v in (0.5, -0.5, 0.0, 0.0, -1, 1)],
    ),
}  # fmt: skip
