"""Perceptual: finds altered copies of pictures, sounds and videos by their fingerprints."""
