"""Resilient Distributed Datasets: what to compute, not where.

The lineage, which is pickled to workers:

    partition            the slice of an RDD that one task computes
    lineage              BaseRDD: a node, how to compute its partitions
    dependency           edges: narrow ones, and the shuffle
    call_site            where in the user's program a node was made
    parallel_collection  the driver's own data (pickled_slices)
    input_rdd            files
    pipelined            one parent: an operator per element, a function per partition
    union  coalesced     several partitions read as one
    pair_nodes           the elements of two parents in pairs
    shuffled             pairs brought together by key
    combine  pipe        what such functions do with a partition
    checkpoint           partitions saved to files
    debug_string         a lineage as text
    xor_shift            the random numbers of samples

The handle, which programs hold in the driver (a node and its context):

    job_context          what RDDs need of the SparkContext
    handle               names, caching, and jobs
    transformations      without a shuffle
    actions              results to the driver
    pair  joins          by key
    sampling  ordered    at random; sorted and repartitioned
    statistics           mean, histogram
    approximate          in limited time (bounded_float) or memory (hyper_log_log)
    checkpointing        cutting the lineage
    hadoop_output        saving to files
    rdd                  RDD: all of it; RDDBarrier
    input_methods        reading files: what SparkContext inherits
"""
