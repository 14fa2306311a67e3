"""Source rows before anybody asks what they mean: their values, their names, their ids, and what is wrong with them."""
