"""Sets that teach a judge: what it says stands inside a text."""

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published


def judgelm(text):
    return {
        "question_id": 7, "question_body": ASKED, "answer1_body": LONG, "answer2_body": SHORT, "answer1_model_id": "mpt-7b",
        "answer2_model_id": "flan-t5-xxl", "answer1_metadata": {"decoding_method": "top_p_sampling"},
        "answer2_metadata": {"decoding_method": "None"}, "text": text,
    }  # fmt: skip


def prometheus(output, **more):
    return {
        "orig_instruction": ASKED, "orig_criteria": "Does it say where the lamp stands?", "orig_reference_answer": "On the left.",
        "orig_score1_description": "It does not.", "instruction": f"###Task Description: judge.\n{ASKED}", "output": output, **more,
    }  # fmt: skip


RUBRIC = [("rubric", "Does it say"), ("reference", "On the left")]

JUDGES = {
    "BAAI/JudgeLM-100K": Published(
        "judgelm",
        [judgelm("8 5\nAssistant 1 says why.\n\nAssistant 2 does not."), judgelm("2.5 7"), judgelm("3 3\nAlike."), judgelm("Neither answers.")],
        texts=[LONG, SHORT] * 4, license="CC-BY-NC-4.0", commercial_ok=False,
        comparisons=[("overall", "a", 0.333), ("overall", "b", -0.5), ("overall", "tie", 0.0), ("overall", "invalid", None)],
        ratings=[("overall", v) for v in (8, 5, 2.5, 7, 3, 3)],
    ),
    "prometheus-eval/Feedback-Collection": Published(
        "prometheus-feedback",
        [prometheus("The answer is good.\n\nIt says where. [RESULT] 4", orig_response=LONG), prometheus("No result", orig_response=SHORT)],
        texts=[LONG, SHORT], ratings=[("overall", 4)], license="CC-BY-4.0", commercial_ok=True,
        feedback=[RUBRIC[0]] * 2 + [RUBRIC[1]] * 2,
    ),
    "prometheus-eval/Preference-Collection": Published(
        "prometheus-preference",
        [prometheus("Feedback: The second says why.\n[RESULT] B", orig_response_A=SHORT, orig_response_B=LONG),
         prometheus("No result", orig_response_A=SHORT, orig_response_B=LONG)],
        texts=[SHORT, LONG] * 2, comparisons=[("overall", "b", -1.0), ("overall", "invalid", None)], license="CC-BY-4.0", commercial_ok=True,
        feedback=[RUBRIC[0]] * 2 + [RUBRIC[1]] * 2,
    ),
}  # fmt: skip
