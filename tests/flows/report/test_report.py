"""`winnow report`: one page, complete, safe and the same every time."""

import re

import pytest
from lxml import html
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from flows.report.page import CHAPTERS, make_report
from tests.flows.here import run
from tests.flows.test_runs import write

EVIL = "<script>alert('EVIL')</script>\"><img src=x onerror=alert(1)>'\u202e{{ 7 * 7 }}</details></style>\x07"
PLAN = """
name: evil
sources:
  - name: votes
    path: votes.jsonl
    license: CC0-1.0
    mapping: &votes
      prompt: question
      responses: [one, two]
      winner: {values: {one: a, two: b, equal: tie}}
      annotators: {each: votes, id: who, vote: pick}
      language: spoken
  - {name: odd, path: odd.jsonl, mapping: *votes}
  - name: graded
    path: graded.jsonl
    license: CC-BY-NC-4.0
    mapping:
      prompt: question
      responses: [{each: answers, text: text}]
      ratings: {fun: {path: "answers[].marks", by_rater: true, scale: [1, 5]}}
rules:
  - {name: short, drop: "chosen_chars < 3"}
  - {name: careless, on: judgments, drop: "annotator_agreement < 0.5 and annotator_votes >= 5"}
split: {train: 0.5, test: 0.5}
"""


def votes():
    """Pairs whose first answer is the longer one and wins with 3 of 4 votes, the last by a contrarian."""
    people = [
        {"who": "Ada Adams", "pick": "one"},
        {"who": "Bo Berg", "pick": "one"},
        {"who": "Fay Fox", "pick": "one"},
        {"who": "Cy Contrary", "pick": "two"},
    ]
    return [
        {"question": f"{EVIL} {at}?", "one": f"{EVIL} long answer {at}", "two": f"{EVIL} no {at}", "votes": people,
         "spoken": EVIL}
        for at in range(60)
    ]  # fmt: skip


def odd():
    """A pair on which two people contradict each other, and a pair that is written down twice."""
    told = {"question": "Copy?", "one": f"{EVIL} yes", "two": "No.", "votes": [{"who": "Di Dee", "pick": "one"}]}
    disputed = {"question": f"{EVIL} odd?", "one": f"{EVIL} yes", "two": f"{EVIL} not at all",
                "votes": [{"who": "Di Dee", "pick": "one"}, {"who": "Ed Eel", "pick": "two"}]}  # fmt: skip
    return [disputed, told, told | {"question": "COPY?", "two": "NO.", "votes": [{"who": "Ed Eel", "pick": "one"}]}]


def graded():
    """Three answers in a circle at each prompt, by rows of two answers each."""
    rows = []
    for at in range(8):
        for better, worse in ("ab", "bc", "ca"):
            answers = [
                {"text": f"Answer {better} to {at}.", "marks": [5, 4]},
                {"text": f"Answer {worse} to {at}.", "marks": [2, 1]},
            ]
            rows.append({"question": f"Which is best, {at}?", "answers": answers})
    return rows


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = tmp_path_factory.mktemp("report")
    (place / "plan.yaml").write_text(PLAN)
    write(place / "votes.jsonl", votes())
    write(place / "odd.jsonl", odd())
    write(place / "graded.jsonl", graded())
    run(place / "plan.yaml", place / "home")
    return place / "home"


@pytest.fixture(scope="module")
def page(home):
    return make_report(warehouse.open(home))


@pytest.fixture
def tree(page):
    return html.fromstring(page.html)


def figure(tree, title):
    (found,) = [each for each in tree.iter("figure") if each.find("h3").text == title]
    return found


def table(tree, title):
    lines = figure(tree, title).iter("tr")
    return [[" ".join("".join(cell.itertext()).split()) for cell in line] for line in lines]


def test_every_chapter_is_there_and_linked(tree):
    chapters = [each.get("id") for each in tree.iter("section")]
    # Nothing was trained and there are no media, so two chapters have nothing to be about.
    assert len(chapters) == len(set(chapters)) == len(CHAPTERS) - 2
    assert not {"media", "training"} & set(chapters)
    assert [each.get("href") for each in tree.find(".//nav").iter("a")] == [f"#{key}" for key in chapters]
    assert {each.get("href")[1:] for each in tree.xpath("//ul[@class='facts']//a")} <= set(chapters)


def test_every_figure_says_what_it_means(tree):
    for each in tree.iter("figure"):
        says = each.find("figcaption").text_content().strip()
        assert says.endswith("."), says
        assert each.xpath(".//svg | .//table | .//details") or re.search("cannot|no |No |Nobody|Nothing", says)


def test_texts_of_the_data_are_texts(page, tree):
    assert tree.xpath("//script | //img | //*[@onerror]") == []
    assert len(list(tree.iter("style"))) == 1
    assert "<script>alert('EVIL')</script>" in tree.text_content()
    assert "{{ 7 * 7 }}" in tree.text_content()
    assert "\u202e" not in page.html
    assert "⟨U+202E⟩" in page.html
    assert "\x07" not in page.html


def test_texts_are_shown_only_to_who_opens_them(tree):
    details = list(tree.iter("details"))
    assert len(details) > 3
    for each in details:
        assert each.get("open") is None
        assert "EVIL" not in each.find("summary").text_content()
        each.drop_tree()
    assert "EVIL" not in html.tostring(tree, encoding="unicode")
    assert "Answer a" not in html.tostring(tree, encoding="unicode")


def test_nothing_is_asked_of_another_place(page, tree):
    assert tree.xpath("//link | //iframe | //object | //embed | //base") == []
    assert [each for each in tree.xpath("//@href") if not each.startswith("#")] == []
    assert tree.xpath("//@src") == []
    assert "url(" not in tree.find(".//style").text
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_people_appear_under_pseudonyms(page):
    for name in ("Ada", "Adams", "Bo Berg", "Contrary", "Di Dee", "Ed Eel"):
        assert name not in page.html
    assert re.search(r"anon-[0-9a-f]{16}", page.html)


def test_planted_truth_is_told(tree):
    bias = table(tree, "How often the longer answer wins")
    assert [line[:4] for line in bias if line[0].startswith("votes")] == [["votes", "60", "60", "100.0%"]]
    first = table(tree, "How often the first answer wins")
    assert [line[1:4] for line in first if line[0].startswith("votes")] == [
        ["the file lists the winner first", "60", "100.0%"]
    ]
    circles = table(tree, "Triples that go round")
    assert circles[1:] == [["graded · fun", "8", "8", "100.0%"]]
    (agreed,) = [line for line in table(tree, "Agreement of votes") if line[0].startswith("votes")]
    # without the contrarian, whom the rule takes out, the others always agree
    assert agreed[4:] == ["100.0%", "60", "180", agreed[-1]]
    assert agreed[-1].startswith(("-", "0"))
    assert table(tree, "Contradictions")[1:] == [["odd", "exact", "1", "1"]]
    assert table(tree, "Copies")[1:] == [["odd", "odd", "merged_normalised", "1"]]
    (rated,) = table(tree, "Agreement of ratings")[1:]
    assert rated[0] == "graded · fun"
    assert rated[-1] == "ordinal"
    assert [line[0] for line in table(tree, "Languages")[1:]] == ["other"]
    (careless,) = [line for line in table(tree, "Who stands out") if "agrees" in line[2]]
    assert careless[3] == "0.0%"


def test_the_same_snapshot_gives_the_same_page(home, page):
    assert make_report(warehouse.open(home)) == page


def test_the_page_is_bounded(page):
    assert len(page.html) < 150_000


def test_the_command_writes_and_says_what_it_found(home, tmp_path):
    output = tmp_path / "page.html"
    output.write_text("older")
    told = CliRunner().invoke(app, ["report", "--home", str(home), "--output", str(output), "--at", "1"])
    assert told.exit_code == 0, told.output
    place, findings = told.output.splitlines()
    assert place == str(output)
    assert re.fullmatch(r"snapshot 1: .* pairs kept; the longer answer wins .*; no leak between splits", findings)
    assert output.read_text().startswith("<!doctype html>")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_wrong_input_is_told(home, tmp_path):
    folder = CliRunner().invoke(app, ["report", "--home", str(home), "--output", str(tmp_path)])
    assert (folder.exit_code, "is a folder" in folder.output) == (2, True)
    nowhere = CliRunner().invoke(app, ["report", "--home", str(tmp_path / "none")])
    assert nowhere.exit_code == 2


def test_a_home_with_nothing_to_compare_says_why(tmp_path):
    (tmp_path / "plan.yaml").write_text("name: lost\nsources:\n  - {path: a.jsonl, adapter: trl-preference}\n")
    (tmp_path / "a.jsonl").write_text("not json\n")
    run(tmp_path / "plan.yaml", tmp_path / "home")
    tree = html.fromstring(make_report(warehouse.open(tmp_path / "home")).html)
    for each in tree.iter("figure"):
        assert each.find("figcaption").text_content().strip()
    assert "cannot be computed" in figure(tree, "How often the longer answer wins").text_content()
    assert "no agreement can be computed" in figure(tree, "Agreement of votes").text_content()
