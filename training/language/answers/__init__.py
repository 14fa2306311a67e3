"""What a language model thinks of answers, and answers of its own."""
