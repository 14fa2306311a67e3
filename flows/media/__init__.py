"""Media of a run: found where rows name them, looked at, and compared."""
