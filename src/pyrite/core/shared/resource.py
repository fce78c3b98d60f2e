"""What PySpark's resource classes cannot do without a JVM: number a profile.

Everything else of ``pyspark.resource`` (requests, builders, ``taskResources`` and so on) works
as it is. The launcher installs `profile_id` as ``ResourceProfile.id``.
"""

from __future__ import annotations

import itertools
from typing import Any

__all__ = ["profile_id"]

# 0 is Spark's default profile.
_ids = itertools.count(1)


def profile_id(profile: Any) -> int:
    """Return a resource profile's number, given on first asking.

    Example:
        >>> from pyspark.resource import ResourceProfile
        >>> profile = ResourceProfile(_exec_req={}, _task_req={})
        >>> profile_id(profile) == profile_id(profile)
        True
    """
    if profile._id is None:
        profile._id = next(_ids)
    number: int = profile._id
    return number
