"""`winnow try`: what a rule would do to the newest snapshot, without running anything."""
