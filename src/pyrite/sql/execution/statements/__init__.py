"""Statements: what commands on the catalog and the session do, and the rows they answer with.

arguments         a statement's arguments, and the shape of its answer
databases         CREATE, DROP, ALTER, DESCRIBE, USE of databases
tables            CREATE, DROP, ALTER of tables
partitions        SHOW, ADD, DROP, RENAME of partitions; TRUNCATE
views             views, temporary, global and stored
describe          DESCRIBE of tables, columns and queries
show              SHOW of names
functions         CREATE, DROP, DESCRIBE, SHOW of functions
variables         session variables: DECLARE, SET VARIABLE, DROP
settings          SET, RESET, CACHE, ADD, LIST
statistics        ANALYZE TABLE
saving            what saves to a path and into a table share
store_assignment  which values fit into a table's column
write_files       saves to a path
write_table       saves into a table, INSERT, CREATE TABLE AS SELECT
catalog_calls     ``spark.catalog``
"""
