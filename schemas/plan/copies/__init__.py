"""Copies in plans: what means, looks or sounds the same."""
