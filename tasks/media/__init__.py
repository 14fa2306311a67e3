"""Media: pictures, sounds and videos, decoded or as arrays: what they are, how good they are, what they look like."""
