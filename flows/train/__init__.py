"""Training: from a snapshot to models, and from models to rows that say what they are worth."""
