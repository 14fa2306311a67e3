"""Fingerprints: short signatures of decoded media by which altered copies of them are found."""
