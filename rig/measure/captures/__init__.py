"""What was captured, and how noisy it is."""
