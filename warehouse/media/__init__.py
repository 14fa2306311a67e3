"""Media: their bytes by content, and how those that rows only name are found."""
