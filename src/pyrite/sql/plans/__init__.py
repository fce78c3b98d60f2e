"""Logical plans: what is to be computed, as a tree of relational operators.

plan          LogicalPlan, and the operators that every query ends up as
scan          what a plan knows of a data source
exchange      what only plans of several tasks have: rows that change their partition
unresolved    what the client and the parser write; the analyzer rewrites all of it
clustering    what tables are clustered by, as a property
commands      statements that do something: create, drop, insert, set, describe
semantics     whether two plans compute the same rows
"""
