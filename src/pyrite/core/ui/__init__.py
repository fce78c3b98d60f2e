"""What people see of a running or finished application; all of it read from events.

Nothing here may touch the scheduler: each module is a listener on the bus, or reads one.

- ``listeners``: those that the settings ask for, started and stopped as one.
- ``event_log``: ``EventLoggingListener`` writes Spark's event log; ``json_protocol`` gives events
  their JSON form, ``event_log_writers`` the files, ``redaction`` hides secrets.
- ``console_progress``: the progress bar on a terminal.
- ``status_store``: ``AppStatusStore``, the present state and the near past, in the records of
  ``status_data``.
- ``status_tracker``: ``StatusTracker``, PySpark's window on the store.
- ``server``: ``StatusServer`` shows the store over HTTP, in Spark's ``rest`` form and as ``pages``.
- ``environment``: the event that tells what the application runs with.
"""
