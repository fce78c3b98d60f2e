"""Statements: commands, each by the words it begins with.

reader     StatementReader: a query, or the rule of a command
clauses    what several commands have: IF EXISTS, PARTITION, LIKE, COMMENT
databases  CREATE, DROP, ALTER, USE
tables     CREATE TABLE
alter      ALTER TABLE and ALTER VIEW
views      CREATE VIEW
functions  CREATE and DROP FUNCTION, variables
writes     INSERT, DELETE, MERGE, TRUNCATE
show       SHOW and DESCRIBE
session    SET, RESET, CACHE, REFRESH, EXPLAIN, ADD, LIST, ANALYZE
"""
