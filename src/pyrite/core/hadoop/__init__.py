"""hadoop."""
