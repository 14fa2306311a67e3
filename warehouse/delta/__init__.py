"""The commit: Delta tables over finished files, and the snapshots that name their versions."""
