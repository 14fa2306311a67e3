"""Media in child processes: what is decoded, measured or handed to a model is decoded there."""
