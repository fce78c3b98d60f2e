"""The catalog: what names stand for, kept across sessions and processes.

entities          databases, tables and functions as values
metastore         where they are kept: one SQLite file in the warehouse
session_catalog   what one session sees: temporary views first, then its current database
table_scan        how a table's files are read
cache_manager     which plans' rows are kept
names             parts of names, patterns
"""
