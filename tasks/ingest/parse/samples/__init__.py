"""Samples of WebDataset as rows."""

from tasks.ingest.parse.samples.rows import sample_rows

__all__ = ["sample_rows"]
