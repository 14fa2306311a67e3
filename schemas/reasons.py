"""Why a row, a record or a pair is not kept: a closed list, one sentence each. The README's reference repeats it."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A past fact about one subject. `Reason.sentence` says it in words."""

    # rows that could not be read or mapped
    not_utf8 = "not_utf8"
    not_json = "not_json"
    not_an_object = "not_an_object"
    duplicate_keys = "duplicate_keys"
    not_a_number = "not_a_number"
    lone_surrogate = "lone_surrogate"
    too_deep = "too_deep"
    too_long = "too_long"
    torn_row = "torn_row"
    damaged_file = "damaged_file"
    not_xml = "not_xml"
    missing_column = "missing_column"
    wrong_type = "wrong_type"
    no_response = "no_response"
    no_partner = "no_partner"
    # rows that must not be read
    forgotten = "forgotten"
    # records without a pair
    single_response = "single_response"
    no_judgment = "no_judgment"
    no_usable_judgment = "no_usable_judgment"
    judgments_excluded = "judgments_excluded"
    # pairs that are not kept
    merged_exact = "merged_exact"
    merged_normalised = "merged_normalised"
    near_duplicate = "near_duplicate"
    semantic_duplicate = "semantic_duplicate"
    outvoted = "outvoted"
    contradictory = "contradictory"
    both_bad = "both_bad"
    identical_sides = "identical_sides"
    below_min_margin = "below_min_margin"
    unreadable_media = "unreadable_media"
    dropped_by_rule = "dropped_by_rule"
    quarantined_by_rule = "quarantined_by_rule"
    contaminated = "contaminated"
    in_benchmark = "in_benchmark"
    bridges_splits = "bridges_splits"
    # kept pairs that an export leaves out
    no_winner = "no_winner"
    not_text = "not_text"
    no_media = "no_media"
    media_tag = "media_tag"
    unknown_dimension = "unknown_dimension"
    empty_side = "empty_side"
    empty_prompt = "empty_prompt"
    unsupported_turns = "unsupported_turns"
    repeated_prompt = "repeated_prompt"
    # kept pairs that are not pushed
    license_forbids = "license_forbids"
    license_unknown = "license_unknown"
    media_withheld = "media_withheld"
    # judgments that do not count
    excluded_by_rule = "excluded_by_rule"
    # noted, and kept
    flagged_by_rule = "flagged_by_rule"

    @property
    def sentence(self) -> str:
        """One sentence that explains the reason to a reader."""
        return SENTENCES[self]


SENTENCES: dict[Reason, str] = {
    Reason.not_utf8: "The line is not valid UTF-8.",
    Reason.not_json: "The line is not valid JSON.",
    Reason.not_an_object: "The line is valid JSON, but not an object with columns.",
    Reason.duplicate_keys: "The object names a key twice, so one of its values would be lost.",
    Reason.not_a_number: "The line holds NaN or an infinity, which JSON does not know, or a number too large to hold.",
    Reason.lone_surrogate: "A text holds half of a surrogate pair and is no Unicode text.",
    Reason.too_deep: "The value is nested too deeply to be read safely.",
    Reason.too_long: "The line is longer than the limit.",
    Reason.torn_row: "The row has more or fewer cells than the header.",
    Reason.damaged_file: "The file, or this part of it, is damaged and cannot be read.",
    Reason.not_xml: "The document is not well-formed XML, or asks for entities that are refused.",
    Reason.missing_column: "A column that the mapping needs is missing or null in this row.",
    Reason.wrong_type: "A column holds a value of a type the mapping cannot take.",
    Reason.no_response: "The row holds no response at all.",
    Reason.no_partner: "The row of a joined file matches no row of the main file.",
    Reason.forgotten: "The row was taken down with `winnow forget`, and its source still holds it.",
    Reason.single_response: "The record has fewer than two responses, so nothing can be compared.",
    Reason.no_judgment: "The source says nothing about which response is better.",
    Reason.no_usable_judgment: "Every judgment of the record is invalid, or rates all responses as bad.",
    Reason.judgments_excluded: "Every judgment of the record was excluded by a rule on judgments.",
    Reason.merged_exact: "Another row holds exactly this pair; its carrier has all the votes.",
    Reason.merged_normalised: "Another row holds this pair up to case and white space; its carrier has all the votes.",
    Reason.near_duplicate: "A kept pair has nearly the same texts and the same answer chosen; it is the partner.",
    Reason.semantic_duplicate: "A kept pair means the same and has the same answer chosen; it is the partner.",
    Reason.outvoted: "The row's own judgment is the minority among all votes on its pair or on its near copies.",
    Reason.contradictory: "The votes on the pair contradict each other and the plan does not keep it.",
    Reason.both_bad: "Both responses were judged bad, so neither is a better answer.",
    Reason.identical_sides: "Both responses are the same, in text and in media.",
    Reason.below_min_margin: "The margin between the two responses is below the plan's minimum.",
    Reason.unreadable_media: "A picture, sound or video of the pair cannot be read; `media.error` says why.",
    Reason.dropped_by_rule: "A rule of the plan dropped the pair.",
    Reason.quarantined_by_rule: "A rule of the plan set the pair aside for a person to look at.",
    Reason.contaminated: "The pair shares a prompt, a conversation or a medium with evaluation-only data.",
    Reason.in_benchmark: "The prompt, or a turn of its user, stands in a benchmark that the plan keeps out.",
    Reason.bridges_splits: "Keeping the pair would tie together two splits that earlier snapshots hold apart.",
    Reason.no_winner: "The pair is a tie or its outcome is unknown, and a trainer needs a winner.",
    Reason.not_text: "The pair has pictures, sounds or videos that the trainer's files cannot hold.",
    Reason.no_media: "A picture, a sound or a video of the pair is broken, or nobody has its bytes.",
    Reason.media_tag: "An answer says <image>, <audio> or <video>, which the trainer would take for a medium.",
    Reason.unknown_dimension: "The trainer's files have no place for what was judged.",
    Reason.empty_side: "One of the two answers has no text to train on.",
    Reason.empty_prompt: "The pair has no prompt, and the trainer's files need one.",
    Reason.unsupported_turns: "The roles of the prompt's messages, or their order, are not what the trainer can read.",
    Reason.repeated_prompt: "An earlier row of the export has the same prompt.",
    Reason.license_forbids: "The licence forbids passing the pair on.",
    Reason.license_unknown: "Nobody says, or the name does not tell, whether the licence allows passing the pair on.",
    Reason.media_withheld: "A picture, a sound or a video of the pair is broken, or nobody has its bytes to push.",
    Reason.excluded_by_rule: "A rule on judgments excluded this judgment.",
    Reason.flagged_by_rule: "A rule of the plan marked the pair or judgment and kept it.",
}
