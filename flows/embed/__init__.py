"""Embed: the texts of a run as vectors, and what is found by them."""
