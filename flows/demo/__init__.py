"""`winnow demo`: everything that winnow does, on example data with planted truth."""
