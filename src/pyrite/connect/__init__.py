"""What makes the official client package and Pyrite's engine one PySpark.

The service, in the order in which a request meets it:

- ``channel``: the client's stub calls the service in this process, messages pass by reference
- ``listen``: the same service on a port, over gRPC
- ``server``: ``SparkConnectService``, its twelve calls
- ``session``: ``SessionHolder`` and ``SessionManager``, the clients' sessions; ``handles``: ids
- ``config``, ``artifacts``, ``analysis``: settings, uploaded files, questions about plans;
  ``checked_query``: what was found then, for the action that follows
- ``plans``, ``planner``: the client's plans, to the engine's; ``deep_plans``: room for deep ones
- ``execution``: ``ExecuteHolder``, a plan that runs in its own thread, one of
  ``operation_threads``; ``job_names``: what its
  jobs are called; ``commands``: those that are not plans; ``response_buffer``: its answers, for a
  client that may come back for them
- ``results``, ``literals``, ``type_messages``: rows, constants and types on their way to the
  client; ``month_intervals``: a type that clients of a JVM have
- ``errors``, ``exception_classes``: errors on their way to the client

Sessions in this process:

- ``pyspark_names``: the names installed into ``pyspark``, the only place that touches that
  package's attributes; ``session_names``, ``dataframe_names``, ``writer_names``,
  ``sql_context_names``: what its classes get; ``java_names``: what they have of a JVM;
  ``dependency_check``: what it need not look for
- ``fast_inference``, ``fast_columns``, ``fast_rows``: its conversions, by columns
- ``local_session``: the SparkSession whose engine is in this process; ``local_reader``: reads
  RDDs as well; ``application_service``: the one service of an application
- ``query_rdd``: a query as an RDD; ``rdd_scan``, ``rdd_schema``: an RDD as a query's input
"""
