"""The optimizer: rewrites of a resolved plan."""
