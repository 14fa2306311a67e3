"""Demo: readable made-up preference data with planted defects, the truth beside it, and the judge of a run on it."""
