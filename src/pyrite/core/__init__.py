"""The engine: one job, from action to result."""
