"""Measure: raw numbers about texts, responses and pairs. Nothing is kept or dropped here."""
