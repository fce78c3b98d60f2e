"""Ray's actors: an executor's host and a machine's, and calling them.

Everything that runs on the cluster is made here. Actors are never restarted by Ray: what one's
end means is decided by `RayBackend` and the schedulers.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from pyrite.core.scheduler.executor_host import ExecutorHost, ExecutorSettings, NodeHost, NodeReport
from pyrite.core.scheduler.map_output_mover import Refuge

__all__ = ["RayActor", "start_executor", "start_node"]


class RayActor:
    """An actor, wherever it is.

    Args:
        actor: Ray's handle.
    """

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def call(self, method: str, *arguments: Any) -> Future[Any]:
        """Call a method; the future has its answer, or the error that the actor is lost."""
        answer: Future[Any] = getattr(self._actor, method).remote(*arguments).future()
        return answer

    def tell(self, method: str, *arguments: Any) -> None:
        """Call a method whose answer nobody waits for."""
        getattr(self._actor, method).remote(*arguments)

    def kill(self) -> None:
        """End the actor's process; one that is gone is no error."""
        with contextlib.suppress(Exception):
            ray.kill(self._actor)


def start_executor(
    settings: ExecutorSettings, executor_id: str, demand: Mapping[str, float]
) -> RayActor:
    """Ask Ray for an executor, which it places where there is room, now or later.

    Args:
        settings: What the executor is like.
        executor_id: Its name.
        demand: What it takes of a machine, by Ray's names.
    """
    rest = dict(demand)
    options = {
        "num_cpus": rest.pop("CPU"),
        "num_gpus": rest.pop("GPU", 0),
        "memory": rest.pop("memory", None),
        "resources": rest,
    }
    name = f"pyrite executor {executor_id} of {settings.application_id}"
    actor = ray.remote(concurrency_groups={"report": 1})(_Executor)
    return RayActor(actor.options(name=name, max_restarts=0, **options).remote(settings))


def start_node(
    node_id: str, application_id: str, conf: Mapping[str, str], secret: bytes
) -> RayActor:
    """Start what keeps an application's files on a machine.

    Args:
        node_id: Ray's name of the machine.
        application_id: The application's id.
        conf: The application's settings.
        secret: The application's secret.
    """
    # A machine that was left is come back to while the last host there still ends: no two hosts
    # may have one name.
    actor = ray.remote(concurrency_groups={"watch": 1, "offload": 1})(_Node).options(
        name=f"pyrite node {node_id} of {application_id} ({secrets.token_hex(4)})",
        num_cpus=0,
        max_restarts=0,
        scheduling_strategy=NodeAffinitySchedulingStrategy(node_id, soft=False),
    )
    return RayActor(actor.remote(application_id, conf, secret))


class _Executor(ExecutorHost):
    """An executor as a Ray actor."""

    def where(self) -> tuple[str, str]:
        """Return the id and the address of the machine that Ray chose."""
        return _this_node()

    def accelerators(self) -> Mapping[str, tuple[str, ...]]:
        """Return the addresses that Ray gave, by Spark's names."""
        given = ray.get_runtime_context().get_accelerator_ids()
        return {name.lower(): tuple(ids) for name, ids in given.items() if ids}

    @ray.method(concurrency_group="report")  # type: ignore[untyped-decorator]
    def exchange(self, orders: bytes) -> bytes:
        """See ``ExecutorHost.exchange``; in a thread of its own, so that orders arrive."""
        return super().exchange(orders)


class _Node(NodeHost):
    """A machine's files as a Ray actor."""

    def __init__(self, application_id: str, conf: Mapping[str, str], secret: bytes) -> None:
        super().__init__(application_id, conf, secret, _this_node()[1])

    @ray.method(concurrency_group="watch")  # type: ignore[untyped-decorator]
    def watch(self, seconds: float) -> NodeReport:
        """See ``NodeHost.watch``; in a thread of its own, so that other calls are served.

        Ray is told that a machine will go by its autoscaler, or by the cloud.
        """
        report = super().watch(seconds)
        draining: Mapping[str, int] = {}
        with contextlib.suppress(Exception):  # Ray's head may be restarting: the machine is there
            draining = ray._private.state.state.get_draining_nodes()
        return replace(report, is_draining=_this_node()[0] in draining)

    @ray.method(concurrency_group="offload")  # type: ignore[untyped-decorator]
    def offload(self, refuges: Sequence[Refuge]) -> dict[str, tuple[str, str]]:
        """See ``NodeHost.offload``; in a thread of its own too."""
        return super().offload(refuges)


def _this_node() -> tuple[str, str]:
    return ray.get_runtime_context().get_node_id(), ray.util.get_node_ip_address()
