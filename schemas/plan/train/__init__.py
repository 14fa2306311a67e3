"""Trainings in plans: heads, classifiers, reward models, policies."""
