"""Signatures: what fingerprints consist of; those who make them and those who compare them agree on it here."""
