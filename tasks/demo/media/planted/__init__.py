"""What goes wrong with pictures, sounds and videos, planted on purpose."""
