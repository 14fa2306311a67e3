"""A tiny CoCa of open_clip, trained from nothing on generated pictures."""
