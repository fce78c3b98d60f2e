"""The names of the properties that jobs carry: threads set them, schedulers and listeners read."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "CALL_SITE",
    "DESCRIPTION",
    "GROUP",
    "INTERRUPT",
    "MAX_FAILURES",
    "POOL",
    "TAGS",
    "job_tags",
]

GROUP = "spark.jobGroup.id"
DESCRIPTION = "spark.job.description"
INTERRUPT = "spark.job.interruptOnCancel"
TAGS = "spark.job.tags"
POOL = "spark.scheduler.pool"
#: Failures of one task before the job fails, where they are others than the application's. Spark
#: has the setting of this name alone.
MAX_FAILURES = "spark.task.maxFailures"
CALL_SITE = "callSite.short"


def job_tags(properties: Mapping[str, str]) -> set[str]:
    """Return the tags among a job's properties.

    Example:
        >>> sorted(job_tags({TAGS: "nightly,sales"}))
        ['nightly', 'sales']
    """
    return {tag for tag in properties.get(TAGS, "").split(",") if tag}
