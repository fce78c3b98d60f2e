"""Spark Connect's messages to the unresolved plans that the SQL parser writes too.

- ``planner``: ``SparkConnectPlanner``, the way in; each kind of message finds its handler in a
  table by the name of its field in the ``oneof``
- ``pairs``: ``joinWith`` of JVM clients
- ``messages``: what every handler needs of protobuf: refusing, optional fields, wrong plans
- ``relations``: operators over other relations
- ``leaves``: what has no relation below: tables, files, rows that came along, SQL text
- ``frame_functions``: ``show``, ``na.*``, ``stat.*``, ``describe``
- ``python_relations``: operators that call a user's Python
- ``catalog``: ``spark.catalog`` calls
- ``commands``: what is run for its effect
- ``expressions``: columns
- ``literals``: constants
- ``data_types``: types
- ``python_payload``: a user's pickled functions and classes
"""

from pyrite.connect.planner.planner import SparkConnectPlanner

__all__ = ["SparkConnectPlanner"]
