"""Models: how weights are read without running anything, and how work goes through them in batches."""
