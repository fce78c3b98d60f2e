"""Jobs on a simulated cluster where everything that can fail does, at random.

Whatever happens, each job ends with all of its results or with one error, every result comes
exactly once, accumulators count each result once, and nothing is left behind.
"""

import itertools
import random
from collections import Counter, deque

import pytest
from pyspark.resource import ResourceProfile, TaskResourceRequest

from pyrite.core import events
from pyrite.core.executor.messages import TaskFailed, TaskSucceeded
from pyrite.core.scheduler import dag_events as dag
from pyrite.core.scheduler import task_scheduler as ts
from pyrite.core.scheduler.dag_scheduler import DAGScheduler
from pyrite.core.scheduler.pool import Scheduling
from pyrite.core.scheduler.task_request import TaskResources
from pyrite.core.scheduler.task_set_manager import SpeculationPolicy
from pyrite.core.shuffle import MapOutputTracker

WORKERS = 4
TWO_CPUS = ResourceProfile(_exec_req={}, _task_req={"cpus": TaskResourceRequest("cpus", 2)})
TWO_CPUS._id = 1


class Simulation:
    """What the job loop does, with chance in place of workers."""

    def __init__(self, lineage, seed):
        self.chance = random.Random(seed)
        self.lineage = lineage
        self.map_outputs = MapOutputTracker()
        self.cached = {}
        self.dag = DAGScheduler(
            self.map_outputs,
            lambda *block: self.cached.get(block, ()),
            itertools.count().__next__,
            resources=TaskResources(cores=2, slots=2, merges_profiles=True),
        )
        self.tasks = ts.TaskScheduler(
            ts.TaskPolicy(
                self.chance.choice([1, 4]),
                4,
                1.0,
                Scheduling(self.chance.choice(["FIFO", "FAIR"]), {}),
                SpeculationPolicy(1.5, 0.5, 0.0),
            )
        )
        self.now = 0.0
        self.todo = deque()
        self.timers = []
        self.busy = {}
        self.doomed = set()
        self.results = {}
        self.ended = {}
        self.merged = Counter()
        self.open_stages = set()
        for slot in range(WORKERS):
            self.add_worker(slot)

    @staticmethod
    def worker(slot):
        """Two workers make an executor."""
        return f"e{slot // 2}/{slot % 2}"

    def add_worker(self, slot):
        self.tasks.worker_ready(ts.Worker(self.worker(slot), f"e{slot // 2}", "localhost"))

    def submit(self, rdd):
        pool = self.chance.choice(["a", "b"])
        edges = [edge for edge in rdd.dependencies if edge.crosses_task]
        if edges and self.chance.random() < 0.3:
            job = self.lineage.map_stage_job(self.chance.choice(edges), spark_scheduler_pool=pool)
        else:
            job = self.lineage.job(rdd, spark_scheduler_pool=pool)
        self.results[job.job_id] = []
        self.act(self.dag.handle(dag.JobSubmitted(job)))
        return job

    def act(self, instructions):
        self.todo.extend(instructions)
        while self.todo:
            do = self.todo.popleft()
            match do:
                case ts.Tell(event):
                    self.todo.extend(self.dag.handle(event))
                case dag.SubmitTaskSet(task_set):
                    self.tasks.submit(task_set)
                case dag.AbandonTaskSet(stage_id, attempt):
                    self.tasks.abandon(stage_id, attempt)
                case dag.CancelTaskSet(stage_id, _, reason):
                    self.todo.extend(self.tasks.cancel(stage_id, reason))
                case dag.CallLater(seconds, event):
                    self.timers.append((self.now + seconds, event))
                case dag.DeliverResult(job_id, position, _):
                    self.results[job_id].append(position)
                case dag.FinishJob(job_id, error):
                    assert job_id not in self.ended
                    self.ended[job_id] = error
                case dag.MergeAccumulators(updates):
                    self.merged.update(updates)
                case ts.LaunchTask():
                    taken = {name for each in self.busy.values() for name in each.beside}
                    assert {do.worker_id, *do.beside}.isdisjoint(taken | self.busy.keys())
                    assert len(do.beside) == do.task_set.request.slots - 1
                    self.busy[do.worker_id] = do
                case ts.KillTask(worker_id, task_id):
                    assert self.busy[worker_id].task_id == task_id
                    self.doomed.add(task_id)
                case dag.Announce(events.SparkListenerStageSubmitted(info)):
                    key = info.stage_id, info.attempt_number
                    assert key not in self.open_stages
                    self.open_stages.add(key)
                case dag.Announce(events.SparkListenerStageCompleted(info)):
                    self.open_stages.remove((info.stage_id, info.attempt_number))

    def step(self):
        """Let some time pass, and something happen."""
        self.now += self.chance.random()
        due = [event for at, event in self.timers if at <= self.now]
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for event in due:
            self.act(self.dag.handle(event))
        self.act(self.tasks.find_stragglers(self.now))
        self.act(self.tasks.assign(self.now, 0))
        if self.busy:
            self.end_a_task(self.busy[self.chance.choice(sorted(self.busy))])
        if self.chance.random() < 0.03:
            slot = self.chance.randrange(WORKERS)
            self.lose_worker(slot, outputs=self.chance.random() < 0.5)

    def end_a_task(self, launch):
        stage = self.dag.stages.get(launch.task_set.stage_id)
        dice = self.chance.random()
        if dice < 0.03:
            slots = {self.worker(slot): slot for slot in range(WORKERS)}
            self.lose_worker(slots[launch.worker_id], outputs=False)
            return
        del self.busy[launch.worker_id]
        facts = {}
        if launch.task_id in self.doomed and dice < 0.8:
            facts["killed"] = True
        elif launch.task_set.reads and dice < 0.1:
            shuffle_id = self.chance.choice(launch.task_set.reads)
            maps = self.dag.map_stages[shuffle_id].num_tasks if stage else 1
            map_id = self.chance.randrange(-1, maps)
            facts["fetch_failure"] = (shuffle_id, map_id, 0, "e0", "gone")
        elif dice > 0.03 and dice < 0.13:
            facts["killed"] = False
        if facts:
            message = TaskFailed(
                launch.task_id, b"", "ValueError", "", "", None, (), events.TaskMetrics(), **facts
            )
            self.act(self.tasks.failed(message, 0))
            return
        executor = launch.worker_id.partition("/")[0]
        key = (launch.task_set.stage_id, launch.spec.index)
        is_map = type(launch.task_set.task).__name__ == "ShuffleMapTask"
        result = self.lineage.output(launch.spec.index, executor, executor) if is_map else b""
        updates = {} if is_map else {key: 1}
        message = TaskSucceeded(launch.task_id, b"", updates, (), events.TaskMetrics())
        self.act(self.tasks.succeeded(message, result, self.now, 0))

    def lose_worker(self, slot, outputs):
        worker_id = self.worker(slot)
        self.busy.pop(worker_id, None)
        self.act(self.tasks.worker_lost(worker_id, "killed", 0))
        if outputs:
            self.act(self.dag.handle(dag.OutputsLost(f"e{slot // 2}")))
        self.add_worker(slot)


def random_lineage(lineage, chance):
    """Return some RDDs that share ancestors and shuffles."""
    rdds = [lineage.source(chance.randint(0, 4)), lineage.source(3)]
    edges = []
    for _ in range(chance.randint(2, 8)):
        kind = chance.random()
        if kind < 0.5 or not edges:
            edges.append(lineage.edge(chance.choice(rdds)))
        if kind < 0.8:
            rdds.append(lineage.read(*chance.sample(edges, min(len(edges), 2))))
        else:
            rdds.append(lineage.narrow(chance.choice(rdds)))
        if chance.random() < 0.1 and len(rdds[-1].partitions) <= WORKERS:
            lineage.barrier(rdds[-1])
        if chance.random() < 0.2:
            rdds[-1].resource_profile = TWO_CPUS
    return rdds[2:]


@pytest.mark.parametrize("seed", range(150))
def test_jobs_end_well_or_with_one_error_and_leave_nothing(lineage, seed):
    simulation = Simulation(lineage, seed)
    chance = simulation.chance
    rdds = random_lineage(lineage, chance)
    jobs = []
    for _ in range(20_000):
        if len(jobs) < 6 and chance.random() < 0.2:
            jobs.append(simulation.submit(chance.choice(rdds)))
        if jobs and chance.random() < 0.002:
            doomed = chance.choice(jobs)
            cancel = dag.JobsCancelled(lambda job, doomed=doomed: job is doomed, "by chance")
            simulation.act(simulation.dag.handle(cancel))
        simulation.step()
        if len(jobs) == 6 and len(simulation.ended) == 6 and not simulation.busy:
            break
    else:
        pytest.fail(f"jobs hang: {simulation.dag.snapshot()}, {simulation.tasks.managers}")

    for job in jobs:
        positions = simulation.results[job.job_id]
        assert len(positions) == len(set(positions))
        if simulation.ended[job.job_id] is None:
            assert sorted(positions) == list(range(job.num_results))
    assert set(simulation.merged.values()) <= {1}
    assert not any(simulation.dag.snapshot().values())
    assert simulation.dag.map_stages == {}
    assert simulation.dag.result_stages == {}
    assert simulation.tasks.managers == {}
    assert simulation.tasks.running == {}
    assert simulation.tasks._barriers == {}
    assert simulation.tasks._taken == set()
    assert sorted(simulation.tasks.free) == sorted(simulation.tasks.workers)
    assert simulation.open_stages == set()
