"""What the home floor does: fill the demo council."""
