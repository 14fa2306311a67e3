"""Taking rows down: they leave every snapshot, every stored result and every medium, and a tombstone stays."""
