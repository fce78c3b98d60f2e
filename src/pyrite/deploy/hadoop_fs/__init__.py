"""``hadoop fs``: files by Hadoop's commands, on whatever file system Pyrite reaches.

    shell       the table of commands; what a command line means and how it ends
    session     what a command runs in
    command     one command: its options, its arguments, its mistakes
    items       what users name: paths, globs, what is in a directory
    attributes  owners, permissions and times
    sizes       amounts for people, and tables of them

The commands:
    listing     -ls -find -stat -test
    amounts     -du -df -count
    contents    -cat -text -head -tail -getmerge -appendToFile
    copying     -put -get -cp -mv and their other names
    changing    -mkdir -rm -rmdir -touch -touchz -chmod -chown -chgrp -setrep

Formats, messages and exit codes are those of Hadoop's own shell, which programs parse: 0 for
success, 1 for what failed, 255 for a command line that means nothing.
"""
