"""Sets in which two or more models' conversations stand against each other: Chatbot Arena, MT-Bench, PRISM."""

import json

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published, talk

FIRST, SECOND = "Say it in one line, and leave out the candle this time, please.", "And now in French."


def arena(winner, **more):
    return {
        "question_id": f"q-{winner}", "model_a": "vicuna-13b", "model_b": "koala-13b", "winner": winner, "judge": "arena_user_973",
        "conversation_a": talk(ASKED, LONG), "conversation_b": talk(ASKED, SHORT), "turn": 1, "anony": True, "language": "English",
        "tstamp": 1682351591.1, "openai_moderation": {"flagged": False, "categories": {"hate": False}},
        "toxic_chat_tag": {"roberta-large": {"flagged": False, "probability": 0.01}}, **more,
    }  # fmt: skip


def mt_bench(winner, turn, judge="author_2"):
    return {
        "question_id": 81, "model_a": "alpaca-13b", "model_b": "gpt-3.5-turbo", "winner": winner, "judge": judge, "turn": turn,
        "conversation_a": talk(ASKED, LONG, FIRST, "Left."), "conversation_b": talk(ASKED, SHORT, FIRST, "Right."),
    }  # fmt: skip


def parts(*texts):
    return [
        {"role": turn["role"], "content": [{"type": "text", "text": turn["content"], "image": None, "mimeType": None}]}
        for turn in talk(*texts)
    ]


def arena_140k(winner, session):
    return {
        "id": f"b-{winner}", "model_a": "gemini-2.5", "model_b": "qwen3", "winner": winner, "evaluation_session_id": session,
        "evaluation_order": 1, "conversation_a": parts(ASKED, LONG), "conversation_b": parts(ASKED, SHORT),
        "full_conversation": [{"user": parts(ASKED)[0], "model_side_a": parts("", LONG)[1], "model_side_b": parts("", SHORT)[1]}],
        "conv_metadata": {"turns": 1}, "category_tag": {"math_v0.1": {"math": False}}, "language": "en", "is_code": False,
        "timestamp": "2025-06-01 12:00:00",
    }  # fmt: skip


def arena_55k(prompt, a, b, *flags):
    names = ("winner_model_a", "winner_model_b", "winner_tie")
    return {
        "id": 30192 + sum(flags), "model_a": "gpt-4-1106-preview", "model_b": "gpt-4-0613", "prompt": json.dumps(prompt),
        "response_a": json.dumps(a), "response_b": json.dumps(b), **dict(zip(names, flags, strict=True)),
    }  # fmt: skip


def utterance(turn, role, content, **more):
    nothing = {"model_name": None, "model_provider": None, "score": None, "if_chosen": None, "within_turn_id": None}
    return {"turn": turn, "role": role, "content": content, **nothing, **more}


def reply(turn, nth, content, score, if_chosen):
    return utterance(
        turn,
        "model",
        content,
        model_name=f"model-{nth}",
        model_provider="own",
        score=score,
        if_chosen=if_chosen,
        within_turn_id=nth,
    )


PRISM = {
    "conversation_id": "c1", "user_id": "user271", "conversation_type": "unguided", "opening_prompt": ASKED, "conversation_turns": 2,
    "conversation_history": [
        utterance(0, "user", ASKED), reply(0, 0, SHORT, 20, False), reply(0, 1, LONG, 90, True), reply(0, 2, "No idea.", 1, False),
        utterance(1, "user", SECOND), reply(1, 0, "À gauche.", 70, True), reply(1, 1, "Oui.", 70, False),
    ],
    "performance_attributes": {"values": 80, "fluency": 90, "safety": None}, "choice_attributes": {"values": 51},
    "open_feedback": "The second model was best.", "generated_datetime": "2023-11-29 12:31:10",
}  # fmt: skip

ARENAS = {
    "lmsys/chatbot_arena_conversations": Published(
        "chatbot-arena",
        [arena("model_a"), arena("model_b"), arena("tie"), arena("tie (bothbad)")],
        texts=[LONG, SHORT] * 4, prompts=[ASKED] * 4, license="CC-BY-NC-4.0", commercial_ok=False, names=["arena_user_973"],
        comparisons=[("overall", "a", 1.0), ("overall", "b", -1.0), ("overall", "tie", 0.0), ("overall", "both_bad", None)],
    ),
    "lmsys/mt_bench_human_judgments": Published(
        "mt-bench-judgments",
        [mt_bench("model_a", 1), mt_bench("model_b", 2), mt_bench("tie", 1), mt_bench("tie (inconsistent)", 2, ["gpt-4", "pair-v2"])],
        texts=[LONG, SHORT, "assistant: A lamp on the left", "assistant: On the right", LONG, SHORT, "assistant: A lamp", "assistant: On the"],
        prompts=[ASKED] * 4, license="CC-BY-4.0", commercial_ok=True, evaluation_only=True, names=["author_2"],
        comparisons=[("overall", "a", 1.0), ("overall", "b", -1.0), ("overall", "tie", 0.0), ("overall", "tie", 0.0)],
    ),
    "lmarena-ai/arena-human-preference-140k": Published(
        "arena-votes",
        [arena_140k("model_a", "s-471"), arena_140k("tie", "s-471"), arena_140k("both_bad", "s-472")],
        texts=[LONG, SHORT] * 3, prompts=[ASKED] * 3, names=["s-471", "s-472"],
        comparisons=[("overall", "a", 1.0), ("overall", "tie", 0.0), ("overall", "both_bad", None)],
    ),
    "lmarena-ai/arena-human-preference-100k": Published(
        "arena-votes",
        [{"question_id": "58210e39", "model_a": "gpt-4o", "model_b": "gemma-2", "winner": "model_b", "conversation_a": talk(ASKED, LONG),
          "conversation_b": talk(ASKED, SHORT), "turn": 1, "anony": True, "language": "English", "tstamp": 1718907141.4,
          "conv_metadata": {"sum_user_tokens": 9}, "is_code": False, "is_refusal": False, "dedup_tag": {"high_freq": False},
          "category_tag": {"if_v0.1": {"if": False}}, "judge_hash": "cc56f4bbf24cc2ab"}],
        texts=[LONG, SHORT], names=["cc56f4bbf24cc2ab"], comparisons=[("overall", "b", -1.0)],
    ),
    "lmarena-ai/arena-human-preference-55k": Published(
        "arena-flags",
        [arena_55k([ASKED], [LONG], [SHORT], 1, 0, 0), arena_55k([ASKED, FIRST], [LONG, "Left."], [SHORT, None], 0, 1, 0),
         arena_55k([ASKED], [LONG], [SHORT], 0, 0, 1), arena_55k([ASKED], [LONG], [SHORT], 0, 0, 0)],
        texts=[LONG, SHORT, LONG, SHORT, LONG, SHORT, LONG, SHORT],
        prompts=[ASKED, f"user: {ASKED}\n\nuser: {FIRST}", ASKED, ASKED],
        comparisons=[("overall", "a", 1.0), ("overall", "b", -1.0), ("overall", "tie", 0.0), ("overall", "invalid", None)],
    ),
    "HannahRoseKirk/prism-alignment conversations": Published(
        "prism-conversations", [PRISM],
        texts=[SHORT, LONG, "No idea.", "À gauche.", "Oui."], license="CC-BY-NC-4.0", commercial_ok=False, names=["user271"],
        comparisons=[("overall", "a", 1.0, 1, 0), ("overall", "a", 1.0, 1, 2), ("overall", "a", 1.0, 0, 1)],
        ratings=[("overall", v) for v in (20, 90, 1, 70, 70)],
        prompts=[ASKED, f"user: {ASKED}\n\nassistant: {LONG}\n\nuser: {SECOND}"],
    ),
    "HannahRoseKirk/prism-alignment utterances": Published(
        "prism-utterances",
        [{"utterance_id": "ut0", "interaction_id": "int0", "conversation_id": "c1", "user_id": "user271", "turn": 0, "within_turn_id": 0,
          "included_in_balanced_subset": True, "user_prompt": ASKED, "model_response": LONG, "model_name": "command", "model_provider": "cohere",
          "score": 88, "if_chosen": True}],
        texts=[LONG], ratings=[("overall", 88)], labels=[("chosen", True)], license="CC-BY-NC-4.0", commercial_ok=False, names=["user271"],
    ),
}  # fmt: skip
