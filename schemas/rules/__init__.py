"""What rules can say, and of what."""
