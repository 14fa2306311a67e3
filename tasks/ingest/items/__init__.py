"""What one record is made of: a row, a part of one, or several rows together."""
