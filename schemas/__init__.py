"""Words: what a row, a record, a table, a reason and a plan are. No I/O, no Prefect, no torch."""
