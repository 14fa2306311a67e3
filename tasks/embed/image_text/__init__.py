"""Image-text models: pictures and texts as vectors of one space, and what those say of each other."""
