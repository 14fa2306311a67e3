"""Pushing, without files or sockets: which pairs may be passed on, what is told about them, and the dataset card."""
