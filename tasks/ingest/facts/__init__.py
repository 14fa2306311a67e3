"""What a source row says: its prompt, its responses, and where in the row they stand."""
