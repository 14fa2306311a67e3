"""Measures of decoded media; each says what it means, and is None where it does not apply."""
