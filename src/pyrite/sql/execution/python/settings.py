"""The session's settings that say how users' functions get their data and give it back."""

from __future__ import annotations

from typing import Any

from pyrite.sql.session_state import SessionState

__all__ = ["BATCH_ROWS", "BINARY_AS_BYTES", "INT_TO_DECIMAL", "SAFE", "runner_settings"]

BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"
BINARY_AS_BYTES = "spark.sql.execution.pyspark.binaryAsBytes"
INT_TO_DECIMAL = "spark.sql.execution.pythonUDF.pandas.intToDecimalCoercionEnabled"
SAFE = "spark.sql.execution.pandas.convertToArrowArraySafely"

#: What PySpark's worker reads, with Spark's defaults.
_DEFAULTS = {
    BATCH_ROWS: "10000",
    BINARY_AS_BYTES: "true",
    INT_TO_DECIMAL: "false",
    SAFE: "true",
    "spark.sql.session.timeZone": None,
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    "spark.sql.execution.pythonUDF.pandas.preferIntExtensionDtype": "false",
    "spark.sql.execution.pythonUDF.arrow.concurrency.level": None,
    "spark.sql.legacy.execution.pandas.groupedMap.assignColumnsByName": "true",
    "spark.sql.legacy.execution.pythonUDF.pandas.conversion.enabled": "false",
    "spark.sql.legacy.execution.pythonUDTF.pandas.conversion.enabled": "false",
}


def runner_settings(session: SessionState) -> dict[str, str]:
    """Return the settings as text; what has neither a value nor a default is left out."""
    values: dict[str, Any] = {
        key: session.conf.get(key, default) for key, default in _DEFAULTS.items()
    }
    return {key: str(value) for key, value in values.items() if value is not None}
