"""Pipeline: chunks on their way through tasks, several at a time, their results in order.

    the query below ──> feeder thread: writes files, submits jobs ──> queue ──> the query above
                                                  │                     ^
                                                  v                     │ result files
                                             workers: one task per chunk ──────────────┘

The queue is bounded, so the query below waits when the one above is slow.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import shutil
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.errors import PythonException

from pyrite.core.inheritable_thread import inheritable_thread_target
from pyrite.core.shared.file_scope import FileScope
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.execution.python.chunk import (
    Chunk,
    ChunkRDD,
    UserCodeError,
    Work,
    read_batches,
    write_batches,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.core.context import SparkContext
    from pyrite.core.rdd.job_context import JobHandle
    from pyrite.sql.execution.stage import StageContext

__all__ = ["ChunkRows", "Pipeline"]

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class ChunkRows:
    """Rows that are to become a chunk.

    Attributes:
        sources: For each input of the operator: its rows.
        groups: For each input: how many rows each group has; none for no groups.
        kept: What the driver wants back with the results.
    """

    sources: tuple[Iterable[pa.RecordBatch], ...]
    groups: tuple[tuple[int, ...], ...] = ()
    kept: Any = None


@dataclass(frozen=True, slots=True)
class _Submitted:
    chunk: Chunk
    kept: Any
    job: JobHandle


class Pipeline:
    """One operator's chunks in one run of a query.

    Args:
        context: The run.
        work: What is done with each chunk.
        is_barrier: Whether all chunks' tasks run at the same time, so that they can meet.
    """

    def __init__(self, context: StageContext, work: Work, is_barrier: bool = False) -> None:
        spark: SparkContext = context.session.shared.context
        self._context = context
        self._spark = spark
        files = context.session.files
        scope = FileScope.of(files) if files else None
        self._rdd = ChunkRDD(spark.next_rdd_id(), work, scope)
        self._rdd.is_barrier = is_barrier
        self._directory = os.path.join(spark.local_dir, f"python-{next(_numbers)}")
        self._results: queue.Queue[_Submitted | BaseException | None] = queue.Queue(
            0 if is_barrier else 2 * spark.defaultParallelism
        )
        self._stopped = threading.Event()
        self._running: set[JobHandle] = set()
        # Here is the thread that plans the query, whose group and tags the jobs are to have.
        # It is DuckDB that reads what comes out, in any of its threads.
        self._feed = inheritable_thread_target(self._submit_all)

    def path(self, name: str) -> str:
        """Return where a file of the operator's own goes, which is removed in the end."""
        return os.path.join(self._directory, name)

    def run(self, rows: Generator[ChunkRows]) -> Iterator[tuple[Any, Iterator[pa.RecordBatch]]]:
        """Yield for each chunk, in order, what was kept of it and its results.

        Raises:
            SparkError: What the query below or a user's function met. It is also noted in the
                context, for DuckDB passes only an exception's text on.
        """
        feeder = threading.Thread(
            target=self._feed, args=(rows,), daemon=True, name="python-chunks"
        )
        return self._collect(feeder)

    def _collect(self, feeder: threading.Thread) -> Iterator[tuple[Any, Iterator[pa.RecordBatch]]]:
        os.makedirs(self._directory, exist_ok=True)
        try:
            self._context.on_cancel(self.stop)
            feeder.start()
            while (submitted := self._results.get()) is not None:
                if isinstance(submitted, BaseException):
                    raise submitted
                self._wait(submitted)
                yield submitted.kept, _read_once(submitted.chunk.target)
            if self._context.cancelled:
                raise runtime_error("OPERATION_CANCELED", None)
        except Exception as error:
            raise self._context.fail(error) from None
        finally:
            self.stop()
            shutil.rmtree(self._directory, ignore_errors=True)

    def _wait(self, submitted: _Submitted) -> None:
        try:
            submitted.job.result()
        except Exception as error:
            raise _failure(error) from None
        finally:
            self._running.discard(submitted.job)
        for source in submitted.chunk.sources:
            with contextlib.suppress(OSError):
                os.unlink(source)

    def stop(self) -> None:
        """Stop what runs and wake who waits; harmless when all is over."""
        self._stopped.set()
        for job in list(self._running):
            job.cancel()
        with contextlib.suppress(queue.Empty):
            while True:
                self._results.get_nowait()
        with contextlib.suppress(queue.Full):
            self._results.put_nowait(None)

    def _submit_all(self, rows: Generator[ChunkRows]) -> None:
        """Write and submit chunks until there are no more (the feeder thread)."""
        try:
            with contextlib.closing(rows) as source:
                written = (self._write(chunk_rows) for chunk_rows in source)
                for chunks in [list(written)] if self._rdd.is_barrier else zip(written):
                    self._submit(chunks)
                    if self._stopped.is_set():
                        return
            self._put(None)
        except BaseException as error:
            self._put(error)

    def _write(self, rows: ChunkRows) -> tuple[Chunk, Any]:
        """Write the files of a chunk; return it, and what is kept for its results."""
        index = len(self._rdd.partitions)
        paths = tuple(self.path(f"{index}.{place}") for place in range(len(rows.sources)))
        for path, batches in zip(paths, rows.sources, strict=True):
            # A function that goes through its partition's batches sees none without rows.
            write_batches(path, batches, with_empty=bool(rows.groups))
        chunk = Chunk(index, paths, self.path(f"{index}.result"), rows.groups)
        self._rdd.add(chunk)
        return chunk, rows.kept

    def _submit(self, chunks: Sequence[tuple[Chunk, Any]]) -> None:
        """Submit a job of some chunks; those who wait for one of them wait for all."""
        if not chunks:
            return
        indexes = [chunk.index for chunk, _ in chunks]
        job = self._spark.submit_job(self._rdd, _first, indexes)
        self._running.add(job)
        if self._stopped.is_set():  # it may have looked before this one was there
            job.cancel()
        for chunk, kept in chunks:
            self._put(_Submitted(chunk, kept, job))

    def _put(self, item: _Submitted | BaseException | None) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._results.put(item, timeout=1)
                return


def _first(context: Any, elements: Iterator[int]) -> int:
    return next(elements)


def _read_once(path: str) -> Iterator[pa.RecordBatch]:
    """Yield a result file's batches; the file is gone as soon as it is mapped."""
    for number, batch in enumerate(read_batches(path)):
        if not number:
            with contextlib.suppress(OSError):
                os.unlink(path)
        yield batch


def _failure(error: Exception) -> Exception:
    """Return what a job's failure is to the user: that of their own function, if it was it."""
    if isinstance(error.__cause__, UserCodeError):
        return SparkError(
            "PYTHON_EXCEPTION",
            {
                "msg": "An exception was thrown from the Python worker",
                "traceback": str(error.__cause__),
            },
            PythonException,
        )
    return error
