"""The parser: SQL text to an unresolved plan."""
