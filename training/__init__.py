"""Lesson: datasets for trainers, losses, reward models, evaluation."""
