"""Quality: whether the numbers on labels and annotators can be trusted."""
