"""The operators on rows: scalar functions, and functions of partitions."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator, Iterable, Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pyrite.sql.conf import SESSION_TIME_ZONE
from pyrite.sql.execution.placed_rows import placed_rows
from pyrite.sql.execution.python.arrow_batches import as_struct, in_zone, resized
from pyrite.sql.execution.python.chunk import read_batches, write_batches
from pyrite.sql.execution.python.column_functions import STRUCT_INPUT, ColumnCall, ColumnWork
from pyrite.sql.execution.python.output import output_reader
from pyrite.sql.execution.python.pipeline import ChunkRows, Pipeline
from pyrite.sql.execution.python.settings import BATCH_ROWS, runner_settings
from pyrite.sql.execution.python.works import calls_work
from pyrite.sql.expressions.expression import Attribute, PythonUDF
from pyrite.sql.optimizer.partition_numbers import number_rows
from pyrite.sql.optimizer.partitioning import partitioning_of
from pyrite.sql.plans.plan import EvalPython, LogicalPlan, MapPartitions
from pyrite.sql.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.stage import StageContext

__all__ = ["eval_python", "map_partitions"]

#: Chunks are not made smaller than this to keep all cores busy.
_LEAST_ROWS = 64
#: Chunks are at most about this part of the rows before them, and this large.
_SHARE = 8
_CHUNK_BYTES = 16 << 20


def eval_python(context: StageContext, operator: EvalPython) -> pa.RecordBatchReader:
    """Compute scalar functions; their results stand beside the input's columns."""
    udfs = [alias.child for alias in operator.calls]
    inputs = list(dict.fromkeys(a for udf in udfs for a in udf.children))
    of_child = {a.expression_id: place for place, a in enumerate(operator.child.output)}
    columns = [of_child[a.expression_id] for a in inputs if isinstance(a, Attribute)]
    calls = [
        (udf, tuple(map(inputs.index, udf.arguments))) for udf in udfs if isinstance(udf, PythonUDF)
    ]
    settings = runner_settings(context.session)
    work = calls_work(calls, [a.data_type for a in inputs], settings)
    time_zone = context.session.conf.read(SESSION_TIME_ZONE)
    rows = int(settings[BATCH_ROWS])

    def chunks() -> Generator[ChunkRows]:
        parallelism = context.session.shared.context.defaultParallelism
        for batches in _gathered(context.batches(operator.child), parallelism):
            arguments = [in_zone(batch.select(columns), time_zone) for batch in batches]
            yield ChunkRows((resized(arguments, rows),), kept=batches)

    def results() -> Iterator[list[Any]]:
        for batches, computed in pipeline.run(chunks()):
            for batch in batches:
                start = 0
                while start < batch.num_rows:
                    part = next(computed)
                    kept = batch.slice(start, part.num_rows)
                    start += part.num_rows
                    yield [*kept.columns, *part.columns]

    pipeline = Pipeline(context, work)
    return output_reader(operator.output, results())


def _gathered(
    batches: Iterator[pa.RecordBatch], parallelism: int
) -> Iterator[list[pa.RecordBatch]]:
    """Put batches together into chunks, so that few of them do and no core waits for long.

    The first batch, which may be the only one, has a part for every core. What comes later is
    gathered into chunks that are small beside all that was before.
    """
    first = next(batches, None)
    if first is None:
        return
    size = max(-(-first.num_rows // parallelism), _LEAST_ROWS)
    for start in range(0, first.num_rows, size):
        yield [first.slice(start, size)]
    before, chunk = first.num_rows, list[Any]()
    for batch in batches:
        chunk.append(batch)
        gathered = sum(part.num_rows for part in chunk)
        if gathered * _SHARE > before or sum(part.nbytes for part in chunk) > _CHUNK_BYTES:
            yield chunk
            before, chunk = before + gathered, []
    if chunk:
        yield chunk


def map_partitions(context: StageContext, operator: MapPartitions) -> pa.RecordBatchReader:
    """Call a function once for each partition, with its batches one after the other."""
    udf = operator.function
    settings = runner_settings(context.session)
    call = ColumnCall(udf.payload, (0,), (), udf.data_type)
    pipeline = Pipeline(context, ColumnWork(udf.eval_type, (call,), settings), operator.is_barrier)
    time_zone = context.session.conf.read(SESSION_TIME_ZONE)
    rows = int(settings[BATCH_ROWS])

    def chunks() -> Generator[ChunkRows]:
        partitions = _partitions(context, operator.child, pipeline.path("input"))
        for number, part in enumerate(partitions):
            prepared = (in_zone(batch, time_zone) for batch in resized(part, rows))
            yield ChunkRows((map(as_struct, prepared),), kept=number)

    def results() -> Iterator[list[Any]]:
        for number, computed in pipeline.run(chunks()):
            for part in computed:
                yield [*part.columns, *added(number, part.num_rows)]

    def added(number: int, length: int) -> list[Any]:
        import pyarrow as pa

        return [pa.repeat(pa.scalar(number, pa.int32()), length)] if operator.partition else []

    assert udf.eval_type in STRUCT_INPUT
    return output_reader(operator.output, results())


def _partitions(
    context: StageContext, plan: LogicalPlan, spooled: str
) -> Iterator[Iterable[pa.RecordBatch]]:
    """Yield the rows of each partition; where Spark has them is not always known."""
    import pyarrow as pa

    schema = to_arrow_schema(plan.schema)
    empty = [pa.array([], field.type) for field in schema]
    nothing = [pa.record_batch(empty, schema=schema)]
    numbered = number_rows(plan, context.session)
    if numbered is None:
        total = write_batches(spooled, context.batches(plan))
        count = partitioning_of(plan, context.session).number(os.path.getsize(spooled))
        batches = read_batches(spooled)
        for index in range(count):
            size = (index + 1) * total // count - index * total // count
            part, batches = _first_rows(batches, size) if size else ([], batches)
            yield part or nothing
        return
    placed = placed_rows(numbered, context.batches(numbered.plan), plan.output)
    following = 0
    for number, group in itertools.groupby(placed, key=itemgetter(0)):
        yield from itertools.repeat(nothing, number - following)
        yield map(itemgetter(1), group)
        following = number + 1
    yield from itertools.repeat(nothing, numbered.count - following)


def _first_rows(
    batches: Iterator[pa.RecordBatch], rows: int
) -> tuple[list[pa.RecordBatch], Iterator[pa.RecordBatch]]:
    """Return the batches of the first rows, and those of the others."""
    taken = []
    for batch in batches:
        taken.append(batch.slice(0, rows))
        if batch.num_rows > rows:
            return taken, itertools.chain([batch.slice(rows)], batches)
        rows -= batch.num_rows
        if not rows:
            break
    return taken, batches
