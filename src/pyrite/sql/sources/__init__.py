"""Data sources: what a scan reads and what a write leaves."""
