"""Models that are small enough to be made on the spot, from nothing, for demonstrations and tests."""
