"""Planted: rows with one kind of defect each, and the truth about them."""
