"""JobControl: grouping, tagging, describing, cancelling and watching jobs.

What a thread says here is a property of the jobs it submits from then on; other threads cancel
and watch jobs by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.core.events.local_properties import DESCRIPTION, GROUP, INTERRUPT, TAGS, job_tags
from pyrite.core.scheduler.job_properties import JobProperties, checked_tag
from pyrite.core.ui.status_tracker import StatusTracker

if TYPE_CHECKING:
    from pyrite.core.application import Application

__all__ = ["JobControl"]


class JobControl:
    """The methods of SparkContext that concern jobs as a whole, and not their results."""

    _application: Application

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        """Put the jobs this thread submits from now on into a group.

        Args:
            groupId: What ``cancelJobGroup`` refers to.
            description: What the UI shows.
            interruptOnCancel: Accepted for compatibility: cancelling always stops the tasks.
        """
        self.setLocalProperty(DESCRIPTION, description)
        self.setLocalProperty(GROUP, groupId)
        self.setInterruptOnCancel(interruptOnCancel)

    def setInterruptOnCancel(self, interruptOnCancel: bool) -> None:
        """Say whether cancelling interrupts tasks; here it always does."""
        self.setLocalProperty(INTERRUPT, str(interruptOnCancel).lower())

    def setJobDescription(self, value: str) -> None:
        """Describe the jobs this thread submits from now on."""
        self.setLocalProperty(DESCRIPTION, value)

    def addJobTag(self, tag: str) -> None:
        """Tag the jobs this thread submits from now on.

        Args:
            tag: What ``cancelJobsWithTag`` refers to; not empty, no comma.
        """
        self._application.properties.add_tag(tag)

    def removeJobTag(self, tag: str) -> None:
        """Take a tag off the jobs this thread submits from now on."""
        self._application.properties.remove_tag(tag)

    def getJobTags(self) -> set[str]:
        """Return this thread's tags."""
        return job_tags(self._application.properties.snapshot())

    def clearJobTags(self) -> None:
        """Remove this thread's tags."""
        self.setLocalProperty(TAGS, None)

    def setLocalProperty(self, key: str, value: str | None) -> None:
        """Set a property of the jobs this thread submits, such as ``spark.scheduler.pool``.

        Args:
            key: Its name.
            value: Its text; None removes it.
        """
        self._application.properties.set(key, value)

    def getLocalProperty(self, key: str) -> str | None:
        """Return a property of the jobs this thread submits, or None."""
        return self._application.properties.get(key)

    @property
    def job_properties(self) -> JobProperties:
        """What each thread says of the jobs it submits."""
        return self._application.properties

    def cancelJobGroup(self, groupId: str) -> None:
        """Cancel the running jobs of a group; the threads that wait for them get an error."""
        self._application.cancel_jobs(
            lambda properties: properties.get(GROUP) == groupId,
            f"part of cancelled job group {groupId}",
        )

    def cancelJobsWithTag(self, tag: str) -> None:
        """Cancel the running jobs that have a tag."""
        checked_tag(tag)
        self._application.cancel_jobs(
            lambda properties: tag in job_tags(properties), f"part of cancelled job tags {tag}"
        )

    def cancelAllJobs(self) -> None:
        """Cancel all running jobs."""
        self._application.cancel_jobs(
            lambda properties: True, "as part of cancellation of all jobs"
        )

    def statusTracker(self) -> StatusTracker:
        """Return a view of running jobs and stages."""
        return StatusTracker(self._application.status)
