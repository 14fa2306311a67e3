"""Hands: pure operators, frames or bytes in, frames out. One operator a file, families as folders."""
