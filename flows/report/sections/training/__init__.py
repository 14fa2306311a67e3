"""The chapter on what was trained, and what it is worth."""
