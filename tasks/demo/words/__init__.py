"""Words: the languages of the demo that are written without spaces. English is in `vocabulary`."""
