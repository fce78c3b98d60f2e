"""Execution: from a resolved plan to Arrow batches."""
