"""Moderation: which labels a response, a prompt or a medium has, by a linear head for each label."""
