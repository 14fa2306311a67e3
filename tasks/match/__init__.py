"""Match: finds copies. It never decides which copy survives."""
