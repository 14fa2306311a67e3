"""Measures of texts that were counted by hand."""

import polars as pl
import pytest

from tasks.measure.text.language import detect
from tasks.measure.text.markup import code_share, markdown_share, urls
from tasks.measure.text.ngrams import prompt_overlap, repetition
from tasks.measure.text.phrases import is_refusal, toxic_words
from tasks.measure.text.privacy import credit_cards, emails, ibans, ip_addresses, phones, pii
from tasks.measure.text.readability import readability

CODE = "Look:\n\n```python\n# no heading\nx = 1\n```\nDone."


def of(measure, text):
    return pl.DataFrame({"t": [text]}, schema={"t": pl.String}).select(measure(pl.col("t"))).item()


@pytest.mark.parametrize(
    ("text", "share"),
    [
        # nine 4-grams, of which three come twice
        ("The cat sat on the mat. the CAT sat on the mat!", 1 / 3),
        ("one two three four", 0.0),
        ("one two three", None),
        ("", None),
        ("no " * 103, 0.99),
        # a character is a word where there are no spaces: eleven 4-grams, four of them twice
        ("我喜欢吃苹果我喜欢吃苹果啊好", 3 / 11),
        ("ha ha ha ha ha", 0.5),
    ],
)
def test_repetition_is_the_share_of_repeated_4_grams(text, share):
    assert of(repetition, text) == (share if share is None else pytest.approx(share))


@pytest.mark.parametrize(
    ("prompt", "answer", "share"),
    [
        ("What is the tallest mountain?", "what is the tallest mountain", 1.0),
        # is-the-tallest and the-tallest-mountain, of five
        ("Name the tallest mountain.", "Everest is the tallest mountain of all", 1 / 5),
        ("Name the tallest mountain.", "Everest, of course", 0.0),
        ("Name the tallest mountain.", "Mount Everest", None),
        ("世界上最高的山", "世界上最高", 1.0),
        (None, "Everest, of course", 0.0),
    ],
)
def test_prompt_overlap_is_the_share_of_3_grams_that_the_prompt_holds(prompt, answer, share):
    frame = pl.DataFrame({"p": [prompt], "a": [answer]}, schema={"p": pl.String, "a": pl.String})
    assert frame.select(prompt_overlap(pl.col("p"), pl.col("a"))).item() == share


@pytest.mark.parametrize(
    ("text", "ease"),
    [
        # 6 words, 1 sentence, 6 syllables
        ("The cat sat on the mat.", 206.835 - 1.015 * 6 - 84.6),
        # 5 words, 1 sentence, 2 + 1 + 1 + 2 + 1 syllables: the e of table counts, those of cake and made do not
        ("Table cake made simple bread", 206.835 - 1.015 * 5 - 84.6 * 7 / 5),
        # 4 words, 2 sentences, 1 + 1 + 1 + 2 syllables
        ("Der Hund bellt. Warum?", 206.835 - 1.015 * 2 - 84.6 * 5 / 4),
        ("今日はいい天気ですね。", None),
        ("Как дела сегодня?", None),
        ("42 + 1", None),
        ("", None),
    ],
)
def test_readability_is_the_flesch_reading_ease_of_texts_in_latin_letters(text, ease):
    assert of(readability, text) == (ease if ease is None else pytest.approx(ease))


@pytest.mark.parametrize(
    ("text", "markdown", "code"),
    [
        ("Plain text.\n\nMore of it.", 0.0, 0.0),
        ("# Title\n\n- one\n* two\n3. three\nplain", 0.8, 0.0),
        ("some **bold** word\nand `code`\n[a link](x)\n| a | b |\n> said", 1.0, 0.0),
        ("2 * 3 * 4 is 24 - not # 25", 0.0, 0.0),
        (CODE, 0.0, 1 - len("Look:\n\n\nDone.") / len(CODE)),
        ("~~~\nnever closed", None, 1.0),
        ("", None, None),
        (" \n", None, 0.0),
    ],
)
def test_markdown_and_code(text, markdown, code):
    assert of(markdown_share, text) == (markdown if markdown is None else pytest.approx(markdown))
    assert of(code_share, text) == (code if code is None else pytest.approx(code))


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I cannot do this.",
        "I cannot provide instructions for that.",
        "As an AI language model, I do not have opinions.",
        "I won't assist you with hacking.",
        "I'm not comfortable writing this.",
        "I must decline.",
        "我很抱歉，但我无法提供这些信息。",
        "對不起，我不能回答這個問題。",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Sinto muito, mas não posso ajudar.",
        "Je suis désolé, mais je ne peux pas vous aider.",
        "Mi dispiace, ma non posso aiutarti.",
        "Es tut mir leid, aber ich kann dir dabei nicht helfen.",
        "Het spijt me, dat kan ik niet doen.",
        "Извините, но я не могу помочь с этим.",
        "申し訳ありませんが、お手伝いできません。",
        "죄송하지만 도와드릴 수 없습니다.",
    ],
)
def test_refusals(text):
    assert of(is_refusal, text) is True


@pytest.mark.parametrize(
    "text",
    [
        "Sure, I can help with that.",
        "I'm sorry I was late.",
        "You cannot help him, he said.",
        "A long answer. " * 40 + "I can't help with that.",
        "Natürlich kann ich das.",
        "当然可以，我来回答。",
        "",
    ],
)
def test_no_refusals(text):
    assert of(is_refusal, text) is False


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How are you doing today, my friend?", "en"),
        ("I’m sorry, I don’t recognise that.", "en"),
        ("Wie spät ist es eigentlich gerade?", "de"),
        ("Où est la bibliothèque, s'il vous plaît ?", "fr"),
        ("¿Dónde está la biblioteca municipal?", "es"),
        ("这是一个很好的问题", "zh"),
        ("今日はいい天気ですね", "ja"),
        ("Привет, как у тебя дела?", "ru"),
        ("two\nlines of English\r\ntext here", "en"),
        ("Hello!", None),
        ("42 * 17 = 714", None),
        ("你好", None),
        ("", None),
    ],
)
def test_language(text, language):
    found = of(detect, text)
    assert found["language"] == language
    assert (found["language_confidence"] is None) == (language is None)
    assert language is None or 0.5 < found["language_confidence"] <= 1.0


@pytest.mark.parametrize(
    ("measure", "text", "count"),
    [
        (emails, "a.b+c@example.org, X@Y.co; not@this, nor @that.", 2),
        (phones, "+49 30 1234567, (415) 555-2671, 415-555-2671 and 13812345678", 4),
        (phones, "in 1984 there were 1234567 of 2024-05-06", 0),
        (ip_addresses, "192.168.0.1 and 8.8.8.8, 2001:0db8:0000:0000:0000:ff00:0042:8329", 3),
        (ip_addresses, "version 1.2.3.4.5, 256.1.1.1, 3.14, at 12:30:45", 0),
        (credit_cards, "4111 1111 1111 1111, 5500-0000-0000-0004, 378282246310005", 3),
        (credit_cards, "4111 1111 1111 1112, 1234567890123, 411111", 0),
        (ibans, "GB82 WEST 1234 5698 7654 32, DE89370400440532013000.", 2),
        (ibans, "GB82 WEST 1234 5698 7654 33, DE00 0000", 0),
        (pii, "Mail a@example.org or call 415-555-2671 about 4111111111111111.", 3),
        (urls, "https://a.org/x?y=1, http://b.com and www.c.net, not d.org", 3),
        (toxic_words, "You stupid idiot! Damn. Classic passage.", 3),
        (toxic_words, "Was für ein Arschloch, merde, 你这个笨蛋", 3),
        (toxic_words, "A kind and helpful answer.", 0),
    ],
)
def test_counts(measure, text, count):
    assert of(measure, text) == count
