"""Records out of conversations: trees, threads, histories and rounds of messages."""
