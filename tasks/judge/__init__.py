"""Judge: rules turn numbers into verdicts, and one of each pair's copies is chosen."""
