"""The rows that trainers read: kept pairs in, rows of a trainer's own shape out, and a reason for the rest."""
