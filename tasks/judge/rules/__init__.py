"""The plan's rules on pairs and on judgments, and the metrics that they read."""
