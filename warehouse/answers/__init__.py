"""Answers that read a snapshot and change nothing: the audit, the story of an id, the difference of two snapshots."""
