"""Attributions: what is told of a word is what changing the attention to it would do to the cosine."""

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from schemas.errors import Terminal
from tasks.embed.image_text import attributions
from tasks.embed.image_text.attributions import attribute
from tasks.embed.image_text.model import load_image_text
from tasks.models.open_clip import preparation_of
from tests.tasks.tiny_models import CLIP, COCA, pictures, save_open_clip

TEXTS = ["a cup of coke", "an unfathomably antidisestablishmentarian, blue cat", ""]


@pytest.fixture(scope="module", params=[CLIP, COCA], ids=["CLIP", "CoCa"])
def encoder(request, tmp_path_factory):
    weights = save_open_clip(tmp_path_factory.mktemp("model"), request.param)
    return load_image_text(weights, None, preparation_of(weights, None))


@pytest.fixture(scope="module")
def seen(encoder):
    return encoder.encode_pictures(pictures(len(TEXTS)), 4)


def test_words_are_those_of_the_text(encoder, seen):
    found = attribute(encoder, seen, TEXTS, 4)
    assert [word for word, _ in found[0].words] == ["a", "cup", "of", "coke"]
    assert [word for word, _ in found[1].words] == [
        "an", "unfathomably", "antidisestablishmentarian", ",", "blue", "cat",
    ]  # fmt: skip
    assert found[2].words == []
    assert found[2].f_clip_score == 0


def test_scores_are_made_of_the_misaligned_words(encoder, seen):
    # What speaks for a picture speaks against its opposite.
    both, texts = np.concatenate([seen, -seen]), [*TEXTS, *TEXTS]
    cosines = (both * encoder.encode_texts([f"A photo depicts {text}" for text in texts], 4)).sum(axis=1)
    found = attribute(encoder, both, texts, 4)
    for each, cosine in zip(found, cosines, strict=True):
        assert each.clip_score == pytest.approx(2.5 * max(float(cosine), 0), abs=1e-5)
        worst = sum(share for _, share in each.words if share < -5e-5)
        assert each.f_clip_score == pytest.approx(worst * (1 - each.clip_score / 2.5), abs=1e-12)
        assert each.misaligned == [word for word, share in each.words if share < -5e-5]
    assert any(each.misaligned for each in found)


def test_the_attributions_do_not_depend_on_the_batch_and_leave_the_model_as_it_was(encoder, seen):
    before = encoder.encode_texts(TEXTS, 4)
    one, all_ = attribute(encoder, seen, TEXTS, 1), attribute(encoder, seen, TEXTS, 8)
    for a, b in zip(one, all_, strict=True):
        assert [share for _, share in a.words] == pytest.approx([share for _, share in b.words], abs=1e-6)
    assert np.array_equal(encoder.encode_texts(TEXTS, 4), before)
    assert attribute(encoder, seen[:0], [], 4) == []


def test_a_token_adds_what_attention_to_it_adds(encoder, seen, monkeypatch):
    """The last layer alone: more attention to a token, by a little, changes the cosine by its share."""
    monkeypatch.setattr(attributions, "_LAYERS", 1)
    blocks = attributions._blocks(encoder)
    told = attribute(encoder, seen[:1], TEXTS[:1], 1)[0].words
    text, module, attn = f"A photo depicts {TEXTS[0]}", encoder.module, blocks[0].attn
    tokens, picture = encoder.tokens([text]), torch.from_numpy(seen[:1])

    def cosine(at, grow):
        """The cosine if the text's token pays `grow` times as much more attention to the token `at`."""

        def attend(q_x, attn_mask=None, **_):
            query, key, value = torch.nn.functional.linear(q_x, attn.in_proj_weight, attn.in_proj_bias).chunk(3, -1)
            parts = []
            for head in range(attn.num_heads):
                own = slice(head * 16, head * 16 + 16)
                logits = query[0, :, own] @ key[0, :, own].T / 4
                mask = attn_mask if attn_mask.ndim == 2 else attn_mask[head]
                paid = (logits + mask).softmax(-1)
                end = len(paid) - 1 if len(paid) > tokens.shape[1] else int(tokens[0].argmax())
                paid[end, at] *= 1 + grow
                parts.append(paid @ value[0, :, own])
            return attn.out_proj(torch.cat(parts, dim=-1)[None])

        blocks[0].attention = attend
        try:
            return float((normalize(module.encode_text(tokens), dim=-1) * picture).sum())
        finally:
            del blocks[0].attention

    for number, (_, share) in enumerate(told):
        at = 4 + number  # behind the start and "A photo depicts"
        slope = (cosine(at, 0.05) - cosine(at, -0.05)) / 0.1
        assert share == pytest.approx(slope / attn.num_heads, rel=0.02, abs=2e-6)


def test_words_that_the_model_does_not_read_are_left_out(encoder, seen):
    (found,) = attribute(encoder, seen[:1], ["word " * 200], 1)
    room = encoder.tokenizer.context_length - 2 - 3
    assert [word for word, _ in found.words] == ["word"] * room


def test_another_kind_of_text_tower_is_told(tmp_path):
    text = {**CLIP["text_cfg"], "scale_heads": True}
    weights = save_open_clip(tmp_path, {**CLIP, "text_cfg": text})
    encoder = load_image_text(weights, None, preparation_of(weights, None))
    with pytest.raises(Terminal, match="has a text tower that words cannot be attributed by"):
        attribute(encoder, encoder.encode_pictures(pictures(1), 1), ["a"], 1)
