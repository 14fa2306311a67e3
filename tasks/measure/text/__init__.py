"""Measures of one text each, as expressions over a column of texts: null for a missing text, never NaN."""
