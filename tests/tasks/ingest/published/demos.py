"""Small sets and demonstrations: LLMBar, GPPL, FastChat's judgments, and the layouts of LLaMA-Factory."""

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published, said, talk

KTO = [("desirable", True), ("desirable", False)]
PROMPT = f"user: Hi.\n\nassistant: Yes?\n\nuser: {ASKED}"


def fastchat(first, second, prompt):
    return {
        "question_id": 101, "model_1": "phi-3", "model_2": "phi-3-dpo", "g1_winner": first, "g2_winner": second, "judge": ["gpt-4", "pair-v2"],
        "g1_user_prompt": prompt, "g1_judgment": "The first says where. [[A]]", "g2_user_prompt": prompt, "g2_judgment": "Both are good. [[C]]",
        "turn": 1, "tstamp": 1717231244.69,
    }  # fmt: skip


def sides(a, b, reference=""):
    return (
        f"[User Question]\n{ASKED}\n\n{reference}[The Start of Assistant A's Answer]\n{a}\n[The End of Assistant A's Answer]\n\n"
        f"[The Start of Assistant B's Answer]\n{b}\n[The End of Assistant B's Answer]"
    )


def two_turns(side, answer):
    said_ = f"### User:\n{ASKED}\n\n### Assistant {side}:\n{answer}\n\n### User:\nAnd now?\n\n### Assistant {side}:\nNow too."
    return f"<|The Start of Assistant {side}'s Conversation with User|>\n\n{said_}\n\n<|The End of Assistant {side}'s Conversation with User|>"


def graded(prompt, score, turn):
    return {"question_id": 101, "model": "phi-3", "judge": ["gpt-4", "single-v1"], "user_prompt": prompt, "judgment": f"Fine. Rating: [[{score}]]",
            "score": score, "turn": turn, "tstamp": 1717245894.03}  # fmt: skip


REFERENCE = "[The Start of Reference Answer]\nOn the left.\n[The End of Reference Answer]\n\n"
ONE = f"[Instruction]\nJudge.\n\n[Question]\n{ASKED}\n\n[The Start of Assistant's Answer]\n{LONG}\n[The End of Assistant's Answer]"

DEMOS = {
    "princeton-nlp/LLMBar": Published(
        "llmbar", [{"input": ASKED, "output_1": LONG, "output_2": SHORT, "label": 1}, {"input": ASKED, "output_1": SHORT, "output_2": LONG, "label": 2}],
        texts=[LONG, SHORT, SHORT, LONG], prompts=[ASKED] * 2, license="MIT", commercial_ok=True, evaluation_only=True,
        comparisons=[("instruction_following", "a", 1.0), ("instruction_following", "b", -1.0)],
    ),
    "UKPLab/acl2019-GPPL-humour-metaphor": Published(  # with the rows of the second file where the join puts them
        "gppl-pairs",
        [{"winner": "7", "loser": "12", "joined": [[{"item": "7", "score": "0.7", "text": LONG}], [{"item": "12", "score": "-0.1", "text": SHORT}]]}],
        texts=[LONG, SHORT], prompts=[""], comparisons=[("overall", "a", 1.0)], license="CC-BY-4.0", commercial_ok=True,
    ),
    "lm-sys/FastChat gpt-4_pair": Published(
        "mt-bench-pair",
        [fastchat("model_1", "tie", sides(LONG, SHORT)), fastchat("model_2", "error", sides(LONG, SHORT, REFERENCE)),
         fastchat("tie", "model_1", two_turns("A", LONG) + "\n\n\n" + two_turns("B", SHORT))],
        texts=[LONG, SHORT, LONG, SHORT, LONG, SHORT], prompts=[ASKED] * 3, license="Apache-2.0", commercial_ok=True, evaluation_only=True,
        comparisons=[("overall", "a", 1.0), ("overall", "b", -1.0), ("overall", "tie", 0.0), ("overall", "tie", 0.0), ("overall", "invalid", None),
                     ("overall", "a", 1.0)],
        feedback=[("reference", "On the left.")], quotes=True,
    ),
    "lm-sys/FastChat gpt-4_single": Published(
        "mt-bench-single", [graded(ONE, 9, 1), graded(two_turns("A", LONG), 11, 2)], texts=[LONG, "Now too."],
        prompts=[ASKED, f"{ASKED}\n\n### Assistant A:\n{LONG}\n\n### User:\nAnd now?"], license="Apache-2.0", commercial_ok=True,
        evaluation_only=True, ratings=[("overall", 9), ("overall", None)], quotes=True,
    ),
    "LLaMA-Factory KTO": Published(
        "llama-factory-kto",
        [{"messages": talk("Hi.", "Yes?", ASKED, LONG), "label": True}, {"messages": talk("Hi.", "Yes?", ASKED, SHORT), "label": False}],
        texts=[LONG, SHORT], prompts=[PROMPT] * 2, labels=KTO,
    ),
    "LLaMA-Factory KTO, ShareGPT": Published(
        "llama-factory-kto-sharegpt",
        [{"conversations": [said("human", ASKED), said("gpt", LONG)], "system": "Be kind.", "kto_tag": True},
         {"conversations": [said("human", ASKED), said("gpt", SHORT)], "kto_tag": False}],
        texts=[LONG, SHORT], prompts=[ASKED] * 2, labels=KTO,
    ),
    "LLaMA-Factory KTO, Alpaca": Published(
        "llama-factory-kto-alpaca",
        [{"instruction": ASKED, "input": "", "output": LONG, "kto_tag": True, "history": [["Hi.", "Yes?"]]},
         {"instruction": "Say:", "input": "where?", "output": SHORT, "kto_tag": "false"}],
        texts=[LONG, SHORT], prompts=[PROMPT, "Say:\n\nwhere?"], labels=KTO,
    ),
    "LLaMA-Factory v1 preference": Published(
        "llama-factory-messages",
        [{f"{side}_messages": [{"role": turn["role"], "content": [{"type": "text", "value": turn["content"]}], "loss_weight": 1.0}
                               for turn in talk(ASKED, text)] for side, text in (("chosen", LONG), ("rejected", SHORT))}],
        texts=[LONG, SHORT], prompts=[ASKED], comparisons=[("overall", "a", 1.0)],
    ),
    "LLaMA-Factory reward sample": Published(
        "ranked-outputs",
        [{"instruction": ASKED, "input": "", "output": [LONG, SHORT, "No."], "history": [["Hi.", "Yes?"]]},
         {"instruction": ASKED, "input": "", "output": [SHORT, LONG], "history": []}],
        texts=[LONG, SHORT, "No.", SHORT, LONG], prompts=[PROMPT, ASKED],
        rankings=[("overall", 0), ("overall", 1), ("overall", 2), ("overall", 0), ("overall", 1)],
    ),
}  # fmt: skip
