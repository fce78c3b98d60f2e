"""From a job to running tasks: decisions in pure modules, effects at the edge.

Pure, and tested without processes:

    job              a submitted job, and how its caller waits for it
    job_properties   what a thread says of its jobs: group, tags, pool
    cached_blocks    which workers hold which cached partitions
    task_request     what a task takes of its executor: the settings', or a resource profile's
    slot_blocks      the neighbouring slots that one task takes together
    stage            stages: a piece of lineage between shuffles
    dag_events       what the DAG scheduler is told, and what it answers
    dag_scheduler    the state machine of jobs and stages: events in, instructions out
    pool             FIFO and FAIR order among task sets
    task_set_manager one stage attempt: locality, retries, speculation
    task_scheduler   which task runs next on a free worker
    barrier          where the tasks of barrier stages meet
    failure          what people read when a task fails
    rdd_info         what listeners are told of an RDD
    allocation       how many executors a backlog deserves
    exclusion        executors and machines that failing tasks keep away from
    master           what spark.master says
    settings         from the configuration to the policies of these modules

At the edge:

    task             what runs on a worker for one partition
    closure          pickling it, and naming what does not pickle
    heartbeat_receiver  processes that were stopped and that nobody lets go on
    resources        GPUs and the like: finding them, giving each worker its own
    backends         which backend a master needs
    backend          the protocol of a SchedulerBackend, and its events
    local_backend    workers as forked processes of this machine
    job_loop         the one thread that feeds the state machines and carries out what they say
    janitor          removes an application's files when it was killed

On clusters:

    executor_plan    what executors take of the machines of a cluster
    placement        when to say that there is no room for executors
    executor_host    an executor on another machine, and what a machine needs one of
    map_output_mover from a machine that will go to those that stay
    node_keeper      the machines of an application, as its driver sees them
    ray_backend      the executors of an application, as its driver sees them
    ray_actors       both hosts as actors of Ray, and calling them
    ray_cluster      joining a cluster of Ray
    cluster_entry    a cluster's token, and a node on the driver's machine
"""
