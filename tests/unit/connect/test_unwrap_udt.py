"""Values of user-defined types as what they are stored as."""

from pyspark.ml.linalg import Vectors
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def test_a_vector_is_a_struct_below(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(Vectors.dense(1.0, 2.0),)], ["vector"])
    ((stored,),) = frame.select(F.unwrap_udt("vector")).collect()
    assert tuple(stored) == (1, None, None, [1.0, 2.0])
