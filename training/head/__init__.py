"""Reward heads: linear Bradley-Terry models on frozen embeddings and a few counted features, trained in seconds."""
