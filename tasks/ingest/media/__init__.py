"""Media of rows: their bytes are taken out and kept once, and what is left names them."""
