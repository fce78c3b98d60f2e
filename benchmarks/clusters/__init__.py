"""Programs on a Ray cluster of two machines of one core, beside the same on two local cores."""
