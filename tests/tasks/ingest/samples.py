"""One or more rows of each kind that a built-in adapter takes, made up in the form of the real ones."""

from tests.tasks.ingest.published import PUBLISHED

LONG = "A lamp on the left gives light to the whole room, and more than a candle on the right does."


def message(role, content):
    return {"role": role, "content": content}


ASKED = [message("user", "Where does the lamp stand in this old and narrow room?")]
LEFT, RIGHT = message("assistant", LONG), message("assistant", "On the right, I would say; but I have not looked.")
HUMAN = "\n\nHuman: Where is the lamp?\n\nAssistant: Which one?\n\nHuman: The old one.\n\nAssistant: "


def completion(n, rating):
    def aspect(**more):
        return {"Rating": rating, "Rationale": f"The text follows the wish for the most part, number {n}.", **more}

    said = "Rationale For Rating"
    return {
        "model": f"model-{n}", "principle": "honesty", "custom_system_prompt": "As an AI, be honest about what you know.",
        "response": f"{LONG} Said by {n}.", "critique": f"This answer, number {n}, is clear but it is too long for me.",
        "overall_score": 7.5, "fine-grained_score": 4.25,
        "annotations": {"instruction_following": aspect(), "honesty": aspect(), "truthfulness": aspect(Type=["1"], **{said: LONG}),
                        "helpfulness": aspect(Type=["2"], **{said: f"It helps, it helps a lot, said reader {n} again."})},
    }  # fmt: skip


def reply(n, rank, *replies, role="assistant"):
    return {
        "message_id": f"m{n}", "parent_id": f"m{n // 2}", "text": f"{LONG} Message {n}.", "role": role, "lang": "en",
        "user_id": f"Ada Lovelace {n % 3}", "rank": rank, "labels": {"quality": {"value": 0.75, "count": 3}},
        "emojis": {"+1": n}, "model_name": f"model-{n}", "replies": list(replies),
    }  # fmt: skip


def flat(n, parent, role="prompter", rank=None):
    """A message as the Hub has it: labels and emojis are lists, and no message holds another."""
    return {
        "message_id": f"m{n}", "parent_id": None if parent is None else f"m{parent}", "user_id": f"Ada Lovelace {n}", "rank": rank,
        "text": f"Message {n} says where the old lamp stands in this room.", "role": role, "lang": "en", "review_count": 3,
        "review_result": True, "deleted": False, "synthetic": False, "model_name": None, "detoxify": {"toxicity": 0.01},
        "message_tree_id": "m1", "tree_state": "ready_for_export", "created_date": "2023-02-05T14:23:50.983374+00:00",
        "emojis": [{"name": "+1", "count": 2}], "labels": {"name": ["quality"], "value": [0.75], "count": [3]},
    }  # fmt: skip


def safe_rlhf(**more):
    return {
        "prompt": "How do I light a lamp in the dark without burning myself?", "response_0": LONG, "response_1": "No idea.",
        "is_response_0_safe": True, "is_response_1_safe": False, "better_response_id": 0, "safer_response_id": 1, **more,
    }  # fmt: skip


SOURCES = {
    "prompt_source": "own",
    "response_0_source": "model-0",
    "response_1_source": "model-1",
    "response_0_sha256": "e3",
}
HARMS = {"Violence": False, "White-Collar Crime": True, "Endangering National Security": False}

SAMPLES = {
    "hh-rlhf": [
        {"chosen": HUMAN + LONG, "rejected": HUMAN + "Somewhere."},
        {"chosen": HUMAN[:-1], "rejected": HUMAN + "Two.\n\nAssistant: Turns. "},
    ],
    "trl-preference": [
        {"prompt": "Where is the lamp?", "chosen": LONG, "rejected": "[1] is not a list", "score_chosen": 9, "margin": 2.5},
        {"prompt": ASKED, "chosen": [LEFT], "rejected": [RIGHT], "score_chosen": 1.5, "score_rejected": -1},
        {"prompt": "Where?", "system": "Be kind.", "chosen": [*ASKED, LEFT], "rejected": [*ASKED, RIGHT]},
    ],
    "trl-preference-implicit": [
        {"chosen": "The lamp is on the left.", "rejected": "The lamp is on the right."},
        {"chosen": [*ASKED, LEFT], "rejected": [*ASKED, RIGHT], "margin": 1},
    ],
    "trl-unpaired-preference": [
        {"prompt": "Where?", "completion": LONG, "label": True},
        {"prompt": ASKED, "completion": [LEFT], "label": False},
    ],
    "trl-unpaired-preference-implicit": [{"completion": [*ASKED, LEFT], "label": True}],
    "dsp": [
        {"text": [HUMAN + LONG, HUMAN + "No."], "score": [1.0, 0.0]},
        {"text": ["## Human:\nWhere?\n\n## Assistant:\n" + LONG, "## Human:\nWhere?\n\n## Assistant:\nHere."], "score": [1, 1]},
    ],
    "ukp-convarg1": [
        {
            "id": "arg1_arg2", "arg1": {"author": "Mary Shelley", "stance": "Yes", "text": LONG, "originalHTML": f"<p>{LONG}</p>"},
            "arg2": {"author": "mshelley", "stance": "Yes", "text": "I think so too."},
            "debateMetaData": {"title": "Should lamps stand on the left?", "url": "http://example.org/lamps"},
            "mTurkAssignments": {"mTurkAssignment": [
                {"turkID": "A1LOVELACE", "value": "a1", "reason": "The first one says why, the second one does not say it."},
                {"turkID": "A2TURING", "value": "equal", "reason": ""}]},
        },
    ],
    "alpaca-eval": [
        {"instruction": "Where?", "output_1": LONG, "output_2": "There.", "generator_1": "g1", "generator_2": "g2",
         "annotator": "judge", "preference": 1.5, "raw_completion": {"concise_explanation": LONG[:60], "ordered": [1, 2]}},
        {"instruction": "Where?", "output_1": LONG, "output_2": "There.", "generator_1": "g1", "generator_2": None,
         "annotator": "judge", "preference": None, "raw_completion": "{\"a\": 1}", "price": 0.01},
    ],
    "pku-saferlhf-gen0": [safe_rlhf()],
    "pku-saferlhf-gen1": [safe_rlhf(**SOURCES)],
    "pku-saferlhf-gen2": [
        safe_rlhf(**SOURCES, response_0_harm_category=HARMS, response_1_harm_category=HARMS, response_0_severity_level=0,
                  response_1_severity_level=3)
    ],
    "pku-saferlhf-single-dimension": [
        {"prompt": "Where?", "response_0": LONG, "response_1": "", "better_response_id": 1, "response_0_sha256": "0a"}
    ],
    "ultrafeedback": [
        {"source": "own", "instruction": "Where is the lamp in the room? Say it in one short sentence, please.",
         "models": ["model-0", "model-1"], "completions": [completion(0, "4"), completion(1, "N/A")]},
    ],
    "oasst-messages": [flat(1, None), flat(2, 1, "assistant", 0), flat(3, 1, "assistant", 1)],
    "oasst-trees": [
        {"message_tree_id": "t1", "tree_state": "ready", "prompt": reply(0, None, reply(1, 0), reply(2, 1, reply(
            4, None, reply(5, 1), reply(6, 0), reply(7, None), role="prompter")), reply(3, None), role="prompter")},
        {"message_tree_id": "t2", "tree_state": "growing", "prompt": reply(8, None, reply(9, None), role="prompter")},
        {"message_tree_id": "t3", "tree_state": "growing", "prompt": reply(10, None, role="prompter")},
    ],
}  # fmt: skip

# The published sets say more of their adapters; the first of an adapter stands for it here.
for _set in PUBLISHED.values():
    SAMPLES.setdefault(_set.adapter, _set.rows)
