"""The plan: what a curation run is told, and what makes files, pushes and models of it."""
