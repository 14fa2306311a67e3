"""Embed: content in, vectors of length 1 out, by models that are loaded once a process."""
