"""Texts as sets of shingles: how they are cut, sketched and compared. Every search for near copies builds on this."""
