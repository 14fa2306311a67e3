"""Pushing a snapshot: what is read for it, the files it becomes, and the one commit on the Hub."""
