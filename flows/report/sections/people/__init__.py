"""Chapters on the people who judged."""
