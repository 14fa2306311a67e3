"""Publishing a snapshot to others: its files are prepared, then the Hub takes them in one commit."""
