"""The chapters of the report, one a file: from frames to sentences, charts and tables."""
