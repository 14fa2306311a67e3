"""Which of several copies stays, and who of two that contradict each other is right."""
