"""Rows on their way in: what intake hands over, and what must not come back."""
