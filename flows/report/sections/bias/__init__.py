"""Chapters on what gives a preference away beside its quality."""
