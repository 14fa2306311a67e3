"""What a snapshot says about itself: figures for the report, frames in, small frames out."""
