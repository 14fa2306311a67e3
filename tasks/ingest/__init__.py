"""Foreign bytes become rows, and rows become facts, without losing anything."""
