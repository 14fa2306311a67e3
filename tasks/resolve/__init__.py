"""Resolve: judgments of every kind become votes, votes become pairs."""
