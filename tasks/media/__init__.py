"""Pictures, sounds and videos: bytes in, arrays and numbers out."""
