"""What a source row says about its responses: comparisons, rankings, ratings, labels, feedback."""
