"""Phrases that give a text away: refusals and swear words. Both are floors: what no list holds is not seen."""

from __future__ import annotations

import polars as pl

# A refusal is made at the start.
_READ_CHARS = 400
_I_CANNOT = (
    r"\bi(?: (?:really|simply|just|also))?(?: can['’]?t| can ?not| won['’]?t| will not| refuse to| must decline to"
    r"|(?:['’]m| am) (?:unable|not able|not going|not allowed) to)"
)
_DO = (
    r"\b(?:help|assist|provide|answer|comply|fulfil|do (?:that|this)|create|generate|share|support|engage|give|offer|"
    r"discuss|write|participate|recommend|encourage|condone|respond|tell you|teach|advise|in good conscience|with th)"
)
# The prefixes of Zou et al. 2023 (AdvBench), and their like in other languages.
_REFUSALS = [
    rf"{_I_CANNOT}[^.!?\n]{{0,40}}{_DO}",
    r"\b(?:sorry|apologi[sz]e)\b[^.!?\n]{0,60}\b(?:can['’]?t|can ?not|unable|not able|won['’]t|not comfortable)\b",
    r"\bi (?:must|have to) (?:respectfully )?(?:decline|refuse)\b",
    r"\bi(?:['’]m not| am not| do not feel| don['’]t feel) comfortable \w+ing\b",
    r"\bagainst my (?:programming|guidelines|principles|policy|policies)\b",
    r"\bas an? (?:ai|artificial intelligence)(?: language)?(?: model| assistant)?,? "
    r"i(?: can['’]?t| can ?not| do not| don['’]t| am not| am unable|['’]m not|['’]m unable)\b",
    # Chinese, in both scripts
    r"(?:抱歉|对不起|對不起|不好意思)[^。！？\n]{0,20}(?:不能|无法|無法|不可以|不便|没有办法|沒有辦法)",
    r"我(?:不能|无法|無法|不可以|拒绝|拒絕)[^。！？\n]{0,12}(?:提供|回答|帮助|幫助|帮你|幫你|协助|協助|满足|滿足|讨论|討論|参与|參與)",
    r"作为(?:一个|一名|一款)?(?:ai|人工智能|语言模型)[^。！？\n]{0,20}(?:不能|无法|不会)",
    # Spanish and Portuguese
    r"\b(?:lo siento|lamento)\b[^.!?\n]{0,40}\bno puedo\b|\bno puedo (?:ayudar|proporcionar|responder|ofrecer)",
    r"\b(?:desculpe|sinto muito|lamento)\b[^.!?\n]{0,40}\bnão posso\b|\bnão posso (?:ajudar|fornecer|responder)",
    # French and Italian
    r"\b(?:désolée?|regrette)\b[^.!?\n]{0,40}\bne (?:peux|puis) pas\b",
    r"\bje ne (?:peux|puis) pas (?:vous |t['’])?(?:aider|fournir|répondre|donner|satisfaire|participer)",
    r"\bmi dispiace\b[^.!?\n]{0,40}\bnon posso\b|\bnon posso (?:aiutar|fornir|risponder|offrir)",
    # German and Dutch
    r"\btut mir leid\b[^.!?\n]{0,60}\bnicht\b[^.!?\n]{0,30}\b(?:helfen|beantworten|geben|unterstützen)\b",
    r"\bich kann\b[^.!?\n]{0,30}\bnicht (?:helfen|beantworten|bereitstellen|unterstützen)\b",
    r"\bhet spijt me\b[^.!?\n]{0,60}\bniet\b|\bik kan\b[^.!?\n]{0,30}\bniet (?:helpen|beantwoorden)\b",
    # Russian, Japanese, Korean
    r"(?:извините|простите|к сожалению)[^.!?\n]{0,30}не могу|я не могу (?:помочь|предоставить|ответить|выполнить)",
    r"(?:申し訳|すみません)[^。！？\n]{0,30}(?:できません|できかねます|いたしかねます)",
    r"お(?:手伝い|答え)(?:することは)?できません",
    r"(?:죄송|미안)[^.!?\n]{0,40}(?:수 없|어렵습니다)|도와드릴 수 없",
]
_REFUSAL = "|".join(_REFUSALS)
# Every match of the patterns above holds one of these.
_REFUSING_WORDS = [
    "can't", "can’t", "cant", "cannot", "can not", "won't", "won’t", "wont", "will not", "refuse", "decline", "unable",
    "not able", "not going", "not allowed", "comfortable", "against my", "as an ai", "as a ai", "artificial intell",
    "不能", "无法", "無法", "不可以", "不便", "没有办法", "沒有辦法", "拒绝", "拒絕", "不会", "no puedo", "não posso",
    "ne peux pas", "ne puis pas", "non posso", "nicht", "niet", "не могу", "できません", "できかねます",
    "いたしかねます", "수 없", "어렵습니다",
]  # fmt: skip

# Insults and curses of daily speech. Slurs against groups of people are left out.
_SWEAR_WORDS = [
    # English
    "arse", "arsehole", "ass", "asshole", "assholes", "bastard", "bastards", "bitch", "bitches", "bollocks",
    "bullshit", "crap", "cunt", "damn", "damned", "dammit", "dickhead", "douchebag", "dumb", "dumbass", "fuck",
    "fucked", "fucker", "fuckers", "fucking", "goddamn", "idiot", "idiotic", "idiots", "imbecile", "jackass", "loser",
    "losers", "moron", "moronic", "morons", "motherfucker", "piss", "pissed", "scum", "scumbag", "shit", "shitty",
    "stupid", "wanker",
    # Spanish and Portuguese
    "cabrón", "cabrones", "estúpido", "estúpida", "gilipollas", "idiotas", "imbécil", "imbéciles", "joder", "mierda",
    "pendejo", "babaca", "caralho", "imbecil", "merda", "otário", "porra",
    # French and Italian
    "abruti", "abrutie", "connard", "connards", "connasse", "imbécile", "merde", "putain", "salaud", "cazzo",
    "coglione", "coglioni", "cretino", "imbecille", "stronzo", "stronzi", "stupido", "vaffanculo",
    # German and Dutch
    "arsch", "arschloch", "arschlöcher", "dummkopf", "mistkerl", "scheiß", "scheiße", "scheisse", "schwachkopf",
    "verdammt", "vollidiot", "eikel", "klootzak", "klootzakken", "sukkel", "verdomme",
    # Russian
    "говно", "дерьмо", "дурак", "дура", "идиот", "идиоты", "мудак", "придурок", "сволочь", "сука", "тварь",
]  # fmt: skip
# Chinese, Japanese and Korean
_SWEAR_SIGNS = [
    "白痴", "笨蛋", "混蛋", "滚蛋", "滾蛋", "傻瓜", "傻逼", "蠢货", "蠢貨",
    "他妈的", "他媽的", "王八蛋", "馬鹿野郎", "死ね", "바보", "멍청이",
    "씨발", "개새끼",
]  # fmt: skip
_SWEARING = rf"\b(?:{'|'.join(_SWEAR_WORDS)})\b|{'|'.join(_SWEAR_SIGNS)}"


def is_refusal(text: pl.Expr) -> pl.Expr:
    """Tell whether the first 400 characters refuse something, in one of twelve languages."""
    start = text.str.head(_READ_CHARS).str.to_lowercase()
    return start.map_batches(_is_refusal, return_dtype=pl.Boolean, is_elementwise=True)


def toxic_words(text: pl.Expr) -> pl.Expr:
    """Count insults and curses of a small list in eleven languages."""
    return text.str.to_lowercase().map_batches(_count_swear_words, return_dtype=pl.Int64, is_elementwise=True)


def _is_refusal(starts: pl.Series) -> pl.Series:
    # Most texts hold no word that every refusal holds one of, and looking for words is much faster than for patterns.
    doubtful = starts.str.contains_any(_REFUSING_WORDS)
    found = starts.filter(doubtful).str.contains(_REFUSAL)
    return doubtful.clone().scatter(doubtful.arg_true(), found) if len(found) else doubtful


def _count_swear_words(texts: pl.Series) -> pl.Series:
    doubtful = texts.str.contains_any([*_SWEAR_WORDS, *_SWEAR_SIGNS])
    found = texts.filter(doubtful).str.count_matches(_SWEARING).cast(pl.Int64)
    counted = doubtful.cast(pl.Int64)
    return counted.scatter(doubtful.arg_true(), found) if len(found) else counted
