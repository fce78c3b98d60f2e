"""Hadoop's file conventions: how Spark programs name, cut, read and write files.

Where files are:
    filesystem      the narrow interface to local disks and, through fsspec, everything else
    default_fs      where hdfs:/// and paths without a scheme are
    input_paths     from a user's path expression to the files it means
    splits          how files are cut into partitions

What is in them:
    codecs          compression by class name, short name and suffix
    bzip2_blocks    the blocks that let tasks share a bzip2 file
    block_stream    Hadoop's own framing of snappy and lz4
    line_reader     lines of text files, in bulk
    writable        Hadoop's value classes and their bytes
    sequence_file   files of key and value records
    pickle_file     the records of saveAsPickleFile
    java_text       what Java prints for a value

How programs ask for it:
    hadoop_conf     settings, with their old names
    storage_options  what object stores are told of them
    input_format    cutting and reading, by Java class name
    inputs          what each of SparkContext's input methods reads
    output_format   writing, by Java class name
    committer       output that appears whole or not at all
    output_job      one save of an RDD

Checksum side files (.part-00000.crc) are neither read nor written.
"""
