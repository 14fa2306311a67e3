"""The vectors that heads are trained on: of texts alone, or of media and what is said beside them."""
