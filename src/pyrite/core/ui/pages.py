"""The status pages: one plain table per subject, readable without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from pyrite.core.ui.rest import NotFound, respond
from pyrite.core.ui.status_store import AppStatusStore

__all__ = ["render_page"]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 95rem; padding: 1rem 2rem;
       color: #222; }
nav a { margin-right: 1.2rem; color: #0b5394; } nav { border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #e4e4e4;
         vertical-align: top; overflow-wrap: break-word; max-width: 40rem; }
th { background: #f5f5f5; font-weight: 600; white-space: nowrap; }
"""

# Title -> (path of the REST interface, column -> key). Keys are those of Spark's REST interface.
_TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "jobs": (
        "jobs",
        {
            "Job": "jobId",
            "Name": "name",
            "Description": "description",
            "Group": "jobGroup",
            "Submitted (UTC)": "submissionTime",
            "Completed (UTC)": "completionTime",
            "Status": "status",
            "Stages done": "numCompletedStages",
            "Tasks done": "numCompletedTasks",
            "Tasks": "numTasks",
        },
    ),
    "stages": (
        "stages",
        {
            "Stage": "stageId",
            "Attempt": "attemptId",
            "Name": "name",
            "Status": "status",
            "Submitted (UTC)": "submissionTime",
            "Tasks running": "numActiveTasks",
            "Tasks done": "numCompleteTasks",
            "Tasks": "numTasks",
            "Shuffle read": "shuffleReadBytes",
            "Shuffle write": "shuffleWriteBytes",
            "Failure": "failureReason",
        },
    ),
    "storage": (
        "storage/rdd",
        {
            "RDD": "id",
            "Name": "name",
            "Storage level": "storageLevel",
            "Cached partitions": "numCachedPartitions",
            "Partitions": "numPartitions",
            "Bytes in memory": "memoryUsed",
            "Bytes on disk": "diskUsed",
        },
    ),
    "executors": (
        "allexecutors",
        {
            "Executor": "id",
            "Address": "hostPort",
            "Up": "isActive",
            "Cores": "totalCores",
            "Tasks running": "activeTasks",
            "Tasks failed": "failedTasks",
            "Tasks done": "completedTasks",
            "Task time (ms)": "totalDuration",
            "Cached bytes": "memoryUsed",
            "Bytes for caching": "maxMemory",
        },
    ),
}


def render_page(store: AppStatusStore, path: str) -> str:
    """Return the HTML page at ``path``: /jobs/, /stages/, /storage/, /executors/, /environment/.

    Raises:
        NotFound: If there is no such page, or the application has not started.
    """
    subject = path.strip("/") or "jobs"
    application = store.application
    if application is None:
        raise NotFound("the application has not started")
    base = f"applications/{application.app_id}"
    if subject in _TABLES:
        rest_path, columns = _TABLES[subject]
        rows: Iterable[list[Any]] = (
            [_cell(key, row.get(key, "")) for key in columns.values()]
            for row in respond(store, f"{base}/{rest_path}")
        )
        body = _table(list(columns), rows)
    elif subject in _OTHER:
        body = _OTHER[subject](respond(store, f"{base}/{subject}"))
    else:
        raise NotFound(f"no such page: {path}")
    links = "".join(f'<a href="/{name}/">{name.capitalize()}</a>' for name in (*_TABLES, *_OTHER))
    title = f"{escape(application.app_name)} - {subject.capitalize()}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(application.app_name)}</h1>"
        f"<nav>{links}</nav><h2>{subject.capitalize()}</h2>{body}</body></html>"
    )


def _cell(key: str, value: Any) -> Any:
    """Shorten ``2023-11-14T22:13:20.000GMT`` to whole seconds; all times are UTC."""
    return value.replace("T", " ")[:19] if key.endswith("Time") else value


def _environment(value: dict[str, Any]) -> str:
    parts = (
        ("Runtime", value["runtime"].items()),
        ("Spark properties", value["sparkProperties"]),
        ("System properties", value["systemProperties"]),
    )
    return "".join(f"<h3>{title}</h3>{_table(['Name', 'Value'], rows)}" for title, rows in parts)


_OTHER: dict[str, Callable[[dict[str, Any]], str]] = {"environment": _environment}


def _table(columns: list[str], rows: Iterable[Iterable[Any]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    if not lines:
        return "<p>Nothing yet.</p>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
