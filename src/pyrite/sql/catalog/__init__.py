"""The catalog: databases, tables, views and functions by name.

session_catalog   what one session sees: its temporary views over the shared metastore
"""
