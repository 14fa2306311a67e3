"""The losses that TRL's trainers compute are those of `training.losses`, on the same batch."""

import pytest

pytest.importorskip("trl", reason="TRL is not installed: pip install 'winnow-curation[train]'")

import torch

from tests.training.language.jobs import make_job
from tests.training.losses.formulas import bco, dpo, ipo
from training.language.build import build_trainer
from training.language.model import load_tokenizer
from training.language.trainers import RewardShift
from training.losses.policy import scaled_beta
from training.losses.reward import bradley_terry_with_ties


def prepared(tmp_path, kind, **settings):
    """Return a trainer whose policy has left its reference, and a batch."""
    folder = make_job(tmp_path, kind, tied=[1, 2], **settings)
    job = folder.read()
    trainer = build_trainer(job, folder, load_tokenizer(job.place, None))
    batch = next(iter(trainer.get_train_dataloader()))
    torch.manual_seed(3)
    with torch.no_grad():
        for weights in trainer.model.parameters():
            weights.add_(0.05 * torch.randn_like(weights))
    trainer.model.eval()
    return trainer, batch


def log_probabilities(model, batch):
    """Sum what each answer's tokens cost, the long way."""
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    each = torch.log_softmax(logits, -1).gather(-1, batch["input_ids"][:, 1:, None]).squeeze(-1)
    return (each * batch["completion_mask"][:, 1:]).sum(1)


def ratios(trainer, batch):
    with torch.no_grad():
        gap = log_probabilities(trainer.model, batch) - log_probabilities(trainer.ref_model, batch)
    return gap.chunk(2)


@pytest.mark.parametrize("loss", ["sigmoid", "ipo", "sigmoid_norm"])
def test_dpo_losses(tmp_path, loss):
    trainer, batch = prepared(tmp_path, "dpo", loss=loss, beta=0.3)
    chosen, rejected = ratios(trainer, batch)
    tokens = batch["completion_mask"].sum(1).chunk(2)
    per_token = chosen / tokens[0] - rejected / tokens[1]
    ours = {"sigmoid": dpo(chosen - rejected, 0.3), "ipo": ipo(per_token, 0.3), "sigmoid_norm": dpo(per_token, 0.3)}
    with torch.no_grad():
        theirs = trainer.compute_loss(trainer.model, dict(batch))
    assert theirs.item() == pytest.approx(ours[loss].item(), rel=1e-4)


def test_scaled_dpo(tmp_path):
    trainer, batch = prepared(tmp_path, "dpo", scaling={"weight": 0.8, "rate": 0.6}, beta=0.3)
    chosen, rejected = ratios(trainer, batch)
    assert batch["gap"].unique().numel() > 1
    ours = dpo(chosen - rejected, scaled_beta(0.3, batch["gap"], 0.8, 0.6))
    with torch.no_grad():
        theirs = trainer.compute_loss(trainer.model, dict(batch))
    assert theirs.item() == pytest.approx(ours.item(), rel=1e-4)
    assert trainer.beta == 0.3


def test_bco_shifts_rewards_by_their_running_mean(tmp_path):
    trainer, batch = prepared(tmp_path, "dpo", loss="bco", beta=0.3)
    shift = next(each for each in trainer.callback_handler.callbacks if isinstance(each, RewardShift))
    shift.update(0.7, 10)
    policy = log_probabilities(trainer.model, batch).detach().chunk(2)
    chosen = 0.3 * (policy[0] - batch["ref_chosen_logps"])
    rejected = 0.3 * (policy[1] - batch["ref_rejected_logps"])
    trainer.model.train()
    theirs = trainer.compute_loss(trainer.model, dict(batch))
    assert theirs.item() == pytest.approx(bco(chosen, rejected, 0.7).item(), rel=1e-4)
    rewards = torch.cat([chosen, rejected])
    assert shift.count == 10 + len(rewards)
    assert shift.mean == pytest.approx((7.0 + rewards.sum().item()) / shift.count, rel=1e-4)


def test_reward_model(tmp_path):
    settings = {"margins": True, "regularisation": 0.01, "ties": "squared", "tie_weight": 3.0, "batch": 48}
    trainer, batch = prepared(tmp_path, "reward", **settings)
    assert batch["tie"].sum() == 2
    with torch.no_grad():
        outputs = trainer.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
        chosen, rejected = outputs.logits.squeeze(-1).chunk(2)
        ours = bradley_terry_with_ties(
            chosen, rejected, batch["tie"], batch["margin"], tie_weight=3.0, regularisation=0.01
        )
        theirs = trainer.compute_loss(trainer.model, dict(batch))
    assert theirs.item() == pytest.approx(ours.item(), rel=1e-5)
