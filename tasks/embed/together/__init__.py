"""Words and media together: what stands beside what, and how well it fits."""
