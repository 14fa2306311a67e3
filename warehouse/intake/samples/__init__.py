"""Shards of WebDataset: tar files whose members with one stem are a row."""

from warehouse.intake.samples.tar import FORMAT, count, is_sharded, read

__all__ = ["FORMAT", "count", "is_sharded", "read"]
