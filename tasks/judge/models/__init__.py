"""What trainings say of pairs: metrics that rules read, and the rules that read them."""
