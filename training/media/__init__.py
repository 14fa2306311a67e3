"""What prompts and answers with media are made of, and what can be measured of them."""
