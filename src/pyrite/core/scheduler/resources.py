"""Resources such as GPUs: finding them, and giving each worker its own.

``spark.driver.resource.gpu.discoveryScript`` names a program that prints what there is as JSON,
``{"name": "gpu", "addresses": ["0", "1"]}``. Executors get ``spark.executor.resource.gpu.amount``
of them and a task ``spark.task.resource.gpu.amount``. A worker runs one task at a time, so its
addresses are settled when it starts: no two running tasks ever hold the same one, except where a
task asks for a fraction of one. A task that a resource profile gives more has several workers'.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pyrite.core.errors import SparkException, SparkIllegalArgumentException

__all__ = [
    "ExecutorResources",
    "discover",
    "executor_amounts",
    "executor_resources",
    "resources_of_executor",
]

#: From a resource's name to the addresses of its units.
Addresses = Mapping[str, tuple[str, ...]]

_SETTING = r"spark\.{owner}\.resource\.([^.]+)\.amount"
_DISCOVERY_SECONDS = 60


@dataclass(frozen=True)
class ExecutorResources:
    """What each executor has, and how it is divided.

    Attributes:
        addresses: All addresses on this machine, by resource.
        per_executor: How many of them an executor gets.
        per_task: How many of them a task gets, if no resource profile says otherwise; a fraction
            shares one among several.
        own: Whether the addresses are those of one executor, and not to be divided further.
    """

    addresses: Addresses
    per_executor: Mapping[str, int]
    per_task: Mapping[str, float]
    own: bool = False

    def slots(self, cores: int) -> int:
        """Return how many tasks an executor can run at once, given its cores."""
        limits = [int(self.per_executor[name] / each) for name, each in self.per_task.items()]
        return min([cores, *limits])

    def per_slot(self, slots: int) -> dict[str, float]:
        """Return how many belong to each of an executor's workers; a fraction is shared.

        Example:
            >>> ExecutorResources({}, {"gpu": 5, "fpga": 1}, {}).per_slot(2)
            {'gpu': 2, 'fpga': 0.5}
        """
        return {
            name: amount // slots if amount >= slots else amount / slots
            for name, amount in self.per_executor.items()
        }

    def of_slot(self, executor: int, slot: int, slots: int) -> dict[str, tuple[str, ...]]:
        """Return the addresses of one worker.

        Args:
            executor: The executor's number.
            slot: The worker's number in it.
            slots: How many workers it has.
        """
        found = {}
        for name, each in self.per_slot(slots).items():
            amount = self.per_executor[name]
            first = 0 if self.own else executor * amount
            own = self.addresses.get(name, ())[first : first + amount]
            start = int(slot * each)
            found[name] = own[start : start + max(int(each), 1)]
        return found


def discover(conf: Mapping[str, str], owner: str) -> dict[str, tuple[str, ...]]:
    """Find the resources a driver or executor was configured to have.

    Args:
        conf: The settings.
        owner: ``driver`` or ``executor``.

    Returns:
        The addresses by resource. One without a discovery script is left out, but for GPUs that
        ``nvidia-smi`` lists.

    Raises:
        SparkException: If a script fails, or finds fewer than were asked for.
    """
    return {
        name: addresses
        for name, amount in _amounts(conf, owner).items()
        if (addresses := _discover_one(conf, owner, name, int(amount))) is not None
    }


def executor_amounts(conf: Mapping[str, str]) -> dict[str, int]:
    """Return how many of each resource an executor is to have."""
    return {name: int(amount) for name, amount in _amounts(conf, "executor").items()}


def resources_of_executor(
    planned: ExecutorResources, conf: Mapping[str, str], given: Addresses
) -> ExecutorResources:
    """Find an executor's resources on the machine where it was placed.

    Args:
        planned: What executors have, without addresses.
        conf: The settings.
        given: The addresses that whoever placed it gave to it.

    Returns:
        The same with addresses: those given, else those of the discovery script, else numbers.

    Raises:
        SparkException: If a script fails, or finds fewer than were asked for.
    """
    found = dict(given)
    for name in planned.per_executor.keys() - found.keys():
        amount = planned.per_executor[name]
        script = f"spark.executor.resource.{name}.discoveryScript"
        addresses = _discover_one(conf, "executor", name, amount) if script in conf else None
        found[name] = addresses or tuple(str(number) for number in range(amount))
    return replace(planned, addresses=found, own=True)


def executor_resources(conf: Mapping[str, str], executors: int | None) -> ExecutorResources:
    """Read what executors and tasks are to have, and find it.

    Args:
        conf: The settings.
        executors: How many share what this machine has; None if they are on others.

    Raises:
        SparkException: If tasks ask for more than executors have, or there is not enough.
    """
    per_task = _amounts(conf, "task")
    per_executor = executor_amounts(conf)
    for name, each in per_task.items():
        if each <= 0 or (each > 1 and each != int(each)):
            raise SparkIllegalArgumentException(
                f"spark.task.resource.{name}.amount: '{each:g}' must be a whole number, or a "
                "fraction below 1 to share one among several tasks."
            )
        if per_executor.get(name, 0) < each:
            raise SparkException(
                f"The executor resource config for resource: {name} needs to be at least what a "
                f"task asks for: set spark.executor.resource.{name}.amount to {each:g} or more."
            )
    if executors is None:
        return ExecutorResources({}, per_executor, per_task)
    addresses = discover(conf, "executor")
    for name in per_task:
        wanted, there = per_executor[name] * executors, len(addresses.get(name, ()))
        if there < wanted:
            raise SparkException(
                f"{executors} executors with {per_executor[name]} {name} each need {wanted}; "
                f"there are {there}. Set spark.executor.resource.{name}.discoveryScript to a "
                "program that finds them."
            )
    # What nobody asks for by default may be missing; profiles cannot ask for it then.
    enough = {
        name: amount
        for name, amount in per_executor.items()
        if len(addresses.get(name, ())) >= amount * executors
    }
    return ExecutorResources(addresses, enough, per_task)


def _amounts(conf: Mapping[str, str], owner: str) -> dict[str, float]:
    setting = re.compile(_SETTING.format(owner=owner))
    found = {}
    for key, text in conf.items():
        if match := setting.fullmatch(key):
            try:
                found[match[1]] = float(text)
            except ValueError:
                raise SparkIllegalArgumentException(f"{key}: '{text}' is not a number.") from None
    return found


def _discover_one(
    conf: Mapping[str, str], owner: str, name: str, amount: int
) -> tuple[str, ...] | None:
    script = conf.get(f"spark.{owner}.resource.{name}.discoveryScript")
    if script is None:
        return _nvidia_gpus() if name == "gpu" else None
    try:
        found = json.loads(_output_of([script]))
        addresses = tuple(str(address) for address in found["addresses"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise SparkException(
            f"The discovery script {script} for the resource {name} failed: {error}. It must "
            f'print JSON such as {{"name": "{name}", "addresses": ["0", "1"]}}.'
        ) from error
    if len(addresses) < amount:
        raise SparkException(
            f"Resource: {name}, with addresses: {','.join(addresses)} is less than what the user "
            f"requested: {amount}"
        )
    return addresses


def _nvidia_gpus() -> tuple[str, ...] | None:
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        listed = _output_of([program, "--query-gpu=index", "--format=csv,noheader"])
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(listed.split())


def _output_of(command: list[str]) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=_DISCOVERY_SECONDS
    ).stdout
