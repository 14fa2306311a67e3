"""`winnow report`: what a snapshot says about itself, on one page."""
