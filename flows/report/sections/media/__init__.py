"""The chapter on media: what there is, what was dropped, and how it looks and sounds."""
