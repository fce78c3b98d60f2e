"""shuffle."""
