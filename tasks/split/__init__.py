"""Split: whole components of records that belong together go to one split, and stay there."""
