"""Resilient Distributed Datasets: what to compute, not where.

The lineage, which is pickled to workers:

    partition            the slice of an RDD that one task computes
    lineage              BaseRDD: a node, how to compute its partitions
    dependency           edges: narrow ones, and the shuffle
    call_site            where in the user's program a node was made
    parallel_collection  the driver's own data
    input_rdd            files
    pipelined            one parent: an operator per element, a function per partition
    union                several parents, one after another
    shuffled             pairs brought together by key

The handle, which programs hold in the driver (a node and its context):

    job_context          what RDDs need of the SparkContext
"""
