"""Caption: pictures in, sentences out."""
