"""The mapping language: how rows of any file become records."""
