"""What gives a preference away beside its quality: length, position, ties."""
