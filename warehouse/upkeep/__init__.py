"""Keeping a home small."""
