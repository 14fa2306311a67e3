"""Sets in which several people say something of each response: critiques, marked errors, grades and ranks."""

from tests.tasks.ingest.published.kit import ASKED, LONG, SHORT, Published


def review(system, worker, grade, rank, *notes):
    grades = {
        f"{name}-{kind}": value
        for kind, value in (("rating", grade), ("rank", rank))
        for name in ("correctness", "selection", "overall")
    }
    annotations = [{"annotation": [note] if note else [], "selection": f"the words of {system}"} for note in notes]
    return {"annotations": annotations, "system": system, "worker_id": worker, **grades}  # fmt: skip


def summary(system, text, *reviews):
    return {"response": text, "reviews": list(reviews), "overall": {"correctness-rating": 50.0, "overall-ranking": 1}}


SQUALITY = {
    "passage-id": "50827",
    "questions": {
        "0": {"bart": summary("bart", SHORT, review("bart", "w-3471", 10, 2, "They never meet."), review("bart", "w-6582", 101, 2)),
              "human": summary("human", LONG, review("human", "w-3471", 100, 1, ""), review("human", "w-6582", 97, 1))},
        "1": {"bart": summary("bart", "A lamp fell.", review("bart", "w-3471", 30, 1)),
              "human": summary("human", "It fell.", review("human", "w-3471", 30, 1))},
    },
}  # fmt: skip


def mqm(system, rater, target, category, severity, seg=1, comment=""):
    return {"system": system, "doc": "talk.1", "doc_id": "1", "seg_id": str(seg), "rater": rater, "source": f"A lamp, {seg}.",
            "target": target, "category": category, "severity": severity, "comment": comment}  # fmt: skip


def xsum(system, summary_, worker, **more):
    return {"bbcid": "34687720", "system": system, "summary": summary_, **more, "worker_id": worker}


def span(system, summary_, worker, kind, text):
    bounds = {"hallucinated_span_start": "1", "hallucinated_span_end": "9"}
    return xsum(system, summary_, worker, hallucination_type=kind, hallucinated_span=text, **bounds)


def job(name, *categories):
    return {"categories": list(categories), "jobName": name}


def category(name, text=None):
    found = {"confidence": 100, "name": name, "categoryName": name.capitalize()}
    return found | ({} if text is None else {"children": {f"TRANSCRIPTION_JOB_{len(name)}": {"text": text}}})


SHEPHERD = {
    "id": 0, "dataset": "GSM8K",
    "latestLabel": {"jsonResponse": {
        "CLASSIFICATION_JOB_0": job("Error Type", category("ARITHMETIC", "The sum is wrong."), category("REDUNDANCY", "It is said twice.")),
        "CLASSIFICATION_JOB": job("Is it justified?", category("2_NOT_JUSTIFIED_ENOUGH")),
        "CLASSIFICATION_JOB_1": job("Is it relevant?", category("1_COMPLETELY_IRRELEVANT_0")),
        "CLASSIFICATION_JOB_2": job("Other")}},
    "metadata": {"context": ASKED, "output_correct": "On the left.", "output_candidate": LONG},
}  # fmt: skip

ERRORS = {"errors": [{"error type": "Irrelevant", "explanation": "", "start": 0, "end": 4},
                     {"error type": "Redundant", "explanation": "It was said before.", "start": 5, "end": 9}],
          "missing-info": [{"error type": "Missing-Answer", "passage_id": 1, "sentence_id": [6]}],
          "corrected-prediction": "On the left, it is."}  # fmt: skip
ALL = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
SIX = zip(("tie", "a", "b", "a", "a", "tie"), (0.0, 1.0, -1.0, 1.0, 1.0, 0.0), ALL, strict=True)


def tulu(models, *lists):
    completions = [{"model": name, "completion": text} for name, text in zip(models, (LONG, SHORT), strict=True)]
    return {"id": "vicuna_76", "prompt": ASKED, "completions": completions, "joined": [list(each) for each in lists]}


def preference(evaluator, label, a="yes", b="no", comment=None):
    return {
        "evaluator": evaluator,
        "preference": label,
        "completion_a_is_acceptable": a,
        "completion_b_is_acceptable": b,
        "comment": comment,
    }


REVIEWED = {
    "nyu-mll/SQuALITY human evaluation": Published(
        "squality", [SQUALITY], texts=[SHORT, LONG, "A lamp fell.", "It fell."], prompts=["", ""], names=["w-3471", "w-6582"],
        license="CC-BY-4.0", commercial_ok=True,
        ratings=[(name, grade) for name in ("correctness", "selection", "overall") for grade in (10, None, 100, 97, 30, 30)],
        rankings=[(name, rank) for name in ("correctness", "selection", "overall") for rank in (2, 2, 1, 1, 1, 1)],
        feedback=[("critique", "They never"), ("span", "the words of bart"), ("span", "the words of human")],
    ),
    "google/wmt-mqm-human-evaluation": Published(
        "wmt-mqm",
        [mqm("Nemo", "rater-71", "Eine <v>Lampe</v>, eins.", "Accuracy/Mistranslation", "Major"),
         mqm("UEdin", "rater-72", "Ein Licht.", "No-error", "No-error"),
         mqm("Nemo", "rater-71", "Eine Lampe, <v>eins</v>.", "Style/Awkward", "Minor", comment="Stiff."),
         mqm("Nemo", "rater-72", "Eine Lampe, zwei.", "No-error", "No-error", seg=2)],
        texts=["Eine Lampe, eins.", "Ein Licht.", "Eine Lampe, zwei."], prompts=["A lamp, 1.", "A lamp, 2."], names=["rater-71", "rater-72"],
        license="Apache-2.0", commercial_ok=True, file="mqm_newstest2021_ende.tsv", ratings=[("mqm", -6), ("mqm", 0), ("mqm", 0)],
        labels=[("Accuracy/Mistranslation", True), ("Style/Awkward", True), ("No-error", True), ("No-error", True)],
        feedback=[("span", "Lampe"), ("span", "eins"), ("comment", "Stiff.")],
    ),
    "google-research-datasets/xsum_hallucination_annotations factuality": Published(
        "xsum-factuality",
        [xsum("BERTS2S", "a lamp fell.", "wid-771", is_factual="yes"), xsum("PtGen", "a lamp sang.", "wid-771", is_factual="no"),
         xsum("BERTS2S", "a lamp fell.", "wid-772", is_factual="NULL")],
        texts=["a lamp fell.", "a lamp sang."], prompts=[""], ratings=[("factuality", 1), ("factuality", 0)], names=["wid-771"],
        license="CC-BY-4.0", commercial_ok=True,
    ),
    "google-research-datasets/xsum_hallucination_annotations hallucinations": Published(
        "xsum-hallucination",
        [span("BERTS2S", "a lamp fell.", "wid-771", "extrinsic", "a lamp"), span("Gold", "a lamp.", "wid-772", "NULL", "NULL"),
         span("BERTS2S", "a lamp fell.", "wid-772", "intrinsic", "fell")],
        texts=["a lamp fell.", "a lamp."], prompts=[""], labels=[("extrinsic", True), ("intrinsic", True)], names=["wid-771", "wid-772"],
        license="CC-BY-4.0", commercial_ok=True, feedback=[("span", "a lamp"), ("span", "fell")],
    ),
    "facebookresearch/Shepherd": Published(
        "shepherd", [{"id": 0, "dataset": "GSM8K", "question": ASKED, "answer": LONG, "feedback": "The sum is wrong."}],
        texts=[LONG], prompts=[ASKED], labels=[("GSM8K", True)], feedback=[("critique", "The sum")], license="CC-BY-NC-4.0", commercial_ok=False,
    ),
    "facebookresearch/Shepherd raw": Published(
        "shepherd-raw", [SHEPHERD], texts=[LONG], prompts=[ASKED], ratings=[("justification", 2), ("relevance", 1)],
        labels=[("ARITHMETIC", True), ("REDUNDANCY", True), ("GSM8K", True)], license="CC-BY-NC-4.0", commercial_ok=False,
        feedback=[("critique", "The sum is"), ("critique", "It is said"), ("reference", "On the left")],
    ),
    "wwxu21/CUT": Published(
        "cut",
        [{"id": 0, "instruction": ASKED, "input": "", "output": LONG, "judgment": None},
         {"id": 1, "instruction": ASKED, "input": "The lamp.", "output": SHORT, "judgment": "It does not say where."}],
        texts=[LONG, SHORT], prompts=[ASKED, f"{ASKED}\n\nThe lamp."], labels=[("satisfactory", True), ("satisfactory", False)],
        feedback=[("judgment", "It does not")], license="Apache-2.0", commercial_ok=True,
    ),
    "allenai/FineGrainedRLHF": Published(
        "fine-grained-rlhf",
        [{"question": ASKED, "passages": [["Lamps", "A lamp is on the left."]], "gold": "On the left.", "prediction 1": LONG,
          "prediction 2": SHORT, "prediction 3": "Left.", "prediction 4": "Right.", "feedback": ERRORS, "preference": [0, 1, 2, 1, 1, 0]}],
        texts=[LONG, SHORT, "Left.", "Right."], prompts=[ASKED], license="Apache-2.0", commercial_ok=True,
        comparisons=[("overall", outcome, strength, a, b) for outcome, strength, (a, b) in SIX],
        labels=[("Irrelevant", True), ("Redundant", True), ("Missing-Answer", True)],
        feedback=[("explanation", "It was said"), ("refinement", "On the left"), ("reference", "On the left")],
    ),
    "allenai/open-instruct human evaluation": Published(  # with the rows of the sheet where the join puts them
        "tulu-human-eval",
        [tulu(("tulu_65B", "chatgpt"), [preference("yo-4711", "a-is-slightly-better", comment="Brief.")], [preference("yu-4712", "b-is-better")]),
         tulu(("tulu_65B", "tulu_7B"), [preference("yo-4711", "tie")], [])],
        texts=[LONG, SHORT] * 2, prompts=[ASKED] * 2, license="Apache-2.0", commercial_ok=True, names=["yo-4711", "yu-4712"],
        comparisons=[("overall", "a", 0.5), ("overall", "tie", 0.0), ("overall", "a", 1.0)],
        labels=[("acceptable", True), ("acceptable", False), ("acceptable", True), ("acceptable", False), ("acceptable", False), ("acceptable", True)],
    ),
}  # fmt: skip
