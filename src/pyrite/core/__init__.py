"""The engine: one job, from action to result.

What programs hold:

- ``context``: SparkContext; ``job_control``: groups, tags and cancelling, ``java_view``: what
  there is of a JVM, ``inheritable_thread``: threads that take the job properties along
- ``rdd``: what to compute; ``shared``: broadcasts, accumulators, files; ``task_context``: what a
  running task knows of itself
- ``conf``: SparkConf, and the entries the engine reads; ``errors``: what users catch

What runs them:

- ``application``: all that one SparkContext has, from its start to its stop; ``env``: what a
  process has at hand
- ``scheduler``: from a job to running tasks; ``executor``: the processes that run them;
  ``codegen``: a stage's operators as one loop
- ``shuffle``, ``storage``, ``serializers``: records between tasks, kept, and as bytes
- ``hadoop``: files by Hadoop's conventions; ``local_dirs``: the application's own files
- ``events``: what happened; ``ui``: what people see of it

On several machines:

- ``network``: files between machines; ``interrupts``: stopping what does not look for signals
- ``ray_head``, ``ray_node``, ``cluster_token``: a cluster's head, its nodes, and who may join
"""
