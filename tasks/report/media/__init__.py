"""What a report shows of media: small pictures, outlines of sounds, and maps of vectors."""
