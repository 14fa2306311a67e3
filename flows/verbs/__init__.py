"""What the verbs of the command line do and print."""
