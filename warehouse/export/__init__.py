"""Exports: what is read from a snapshot for one, and the folder that one is written to."""
