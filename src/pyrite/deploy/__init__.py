"""The ways in, for people and scripts.

- ``cli``: the commands ``pyrite``, ``spark-submit``, ``pyspark`` and ``spark-sql``
- ``flags``: spark-submit's flags, as a table; ``flag_command``: the same for Click
- ``submit``: from flags and files to the settings of an application
- ``interpreter``: the Python that spark-submit's settings name
- ``application``: runs a program in this process as ``__main__``
- ``shell``: an interactive session with ``spark`` and ``sc`` ready
- ``sql_shell``: SQL from a prompt, a file or the command line; ``sql_statements`` cuts it up
- ``standalone_commands``: ``start-master``, ``start-worker``, ``stop-*``; ``standalone`` does what
  they ask for; ``pid_file`` remembers what runs
- ``cluster_submit``: drivers that run in a cluster: ``cluster_package`` is what is sent there,
  ``ray_jobs`` sends it, ``cluster_driver`` runs it, ``supervise`` again if need be
- ``connect_server``: ``pyrite connect``
- ``mapreduce_command``: ``pyrite mapreduce``; ``hadoop_command``: ``hadoop``, ``hdfs`` and
  ``mapred``, of which ``hadoop_fs`` works with files
- ``launch_settings``: what ``SparkConf()`` starts from in this process
- ``properties``: reads ``spark-defaults.conf`` and its kind
"""
