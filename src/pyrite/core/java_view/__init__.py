"""What programs reach for in PySpark's JVM, where it has a meaning without one.

::

    sc._jsc.hadoopConfiguration().set("fs.s3a.access.key", key)
    sc._jvm.org.apache.hadoop.fs.FileSystem.get(conf).exists(path)

Each class here has the few methods that programs use, under Java's names, and does the work with
this engine. Everything else raises one error that names it.

view             JavaView, the base of all, and ContextView, which opens the way to them
spark_context    ``sc._jsc`` and its Hadoop configuration
packages         ``sc._jvm``: packages and the classes in them
java_classes     classes of Java itself, and of its loggers
hadoop_files     Hadoop's FileSystem and Path
"""

from pyrite.core.java_view.view import ContextView, JavaView, not_here

__all__ = ["ContextView", "JavaView", "not_here"]
