"""The session's settings that say how users' functions get their data and give it back."""

from __future__ import annotations

from pyrite.sql.conf import SESSION_TIME_ZONE
from pyrite.sql.session_state import SessionState
from pyrite.sql.time_zones import canonical_zone

__all__ = ["BATCH_ROWS", "BINARY_AS_BYTES", "INT_TO_DECIMAL", "SAFE", "runner_settings"]

BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"
BINARY_AS_BYTES = "spark.sql.execution.pyspark.binaryAsBytes"
INT_TO_DECIMAL = "spark.sql.execution.pythonUDF.pandas.intToDecimalCoercionEnabled"
SAFE = "spark.sql.execution.pandas.convertToArrowArraySafely"

#: What PySpark's worker reads, besides the time zone.
_KEYS = (
    BATCH_ROWS,
    BINARY_AS_BYTES,
    INT_TO_DECIMAL,
    SAFE,
    "spark.sql.execution.arrow.useLargeVarTypes",
    "spark.sql.execution.pythonUDF.pandas.preferIntExtensionDtype",
    "spark.sql.execution.pythonUDF.arrow.concurrency.level",
    "spark.sql.legacy.execution.pandas.groupedMap.assignColumnsByName",
    "spark.sql.legacy.execution.pythonUDF.pandas.conversion.enabled",
    "spark.sql.legacy.execution.pythonUDTF.pandas.conversion.enabled",
)


def runner_settings(session: SessionState) -> dict[str, str]:
    """Return the settings as text; what has neither a value nor a default is left out."""
    values = {key: session.conf.get(key) for key in _KEYS}
    values[SESSION_TIME_ZONE.key] = canonical_zone(session.conf.read(SESSION_TIME_ZONE))
    return {key: value for key, value in values.items() if value is not None}
