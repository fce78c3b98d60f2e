"""The names installed into ``pyspark``: the only place that touches that package's attributes.

The client package has PySpark's DataFrame half and none of its RDD half. ``install`` adds what
is missing, under the paths PySpark has had it, so that programs run unchanged::

    pyspark.SparkContext, pyspark.RDD, ...      (lazy)   ->  pyrite.core.context, pyrite.core.rdd
    pyspark.core.rdd is pyspark.rdd, ...        (lazy modules of the same names)
    pyspark.SparkConf()                         starts from the settings of the launcher
    SparkSession.builder.getOrCreate()          (when its module is loaded)  ->  session_names

Lazy means: a module gets a ``__getattr__`` (PEP 562) that imports the name from its home when
it is first asked for, and a finder makes the modules when they are imported, so that nothing of
the engine is loaded by ``import pyrite``.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # all it would give is a type, for a tenth of the time that all this takes

__all__ = ["install"]

Homes = Mapping[str, str]  # from a name to the module that defines it

_RDD = "pyrite.core.rdd.rdd"
_TASK_CONTEXT = "pyrite.core.task_context"
_STATUS = "pyrite.core.ui.status_tracker"
_THREAD = "pyrite.core.inheritable_thread"

#: The modules of ``pyspark.core``, each known without ``core`` as well.
_CORE_MODULES: Mapping[str, Homes] = {
    "context": {"SparkContext": "pyrite.core.context"},
    "rdd": {
        "RDD": _RDD,
        "RDDBarrier": _RDD,
        "PipelinedRDD": "pyrite.core.rdd.pipelined",
        "BoundedFloat": "pyrite.core.rdd.bounded_float",
        "Partitioner": "pyrite.core.shuffle.partitioner",
        "portable_hash": "pyrite.core.shuffle.partitioner",
    },
    "broadcast": {"Broadcast": "pyrite.core.shared.broadcast"},
    "files": {"SparkFiles": "pyrite.core.shared.files"},
    "status": {
        "StatusTracker": _STATUS,
        "SparkJobInfo": _STATUS,
        "SparkStageInfo": _STATUS,
        "SparkExecutorInfo": _STATUS,
    },
}

#: By module: where the client package's own classes, which speak to a JVM, give way to ours.
_REPLACED: Mapping[str, Homes] = {
    "pyspark.taskcontext": {
        "TaskContext": _TASK_CONTEXT,
        "BarrierTaskContext": _TASK_CONTEXT,
        "BarrierTaskInfo": _TASK_CONTEXT,
    },
    "pyspark.util": {
        "InheritableThread": _THREAD,
        "inheritable_thread_target": _THREAD,
    },
}

#: By module: ours that change its classes, each by ``install(module)``, once it is loaded.
_CHANGED: Mapping[str, Sequence[str]] = {
    "pyspark.sql.session": ["pyrite.connect.session_names"],
    "pyspark.sql.context": ["pyrite.connect.sql_context_names"],
    "pyspark.sql.conversion": ["pyrite.connect.fast_rows", "pyrite.connect.fast_columns"],
    "pyspark.sql.connect.utils": ["pyrite.connect.dependency_check"],
    "pyspark.sql.connect.plan": ["pyrite.connect.deep_plans"],
    "pyspark.sql.connect.session": ["pyrite.connect.fast_inference"],
    "pyspark.sql.connect.dataframe": ["pyrite.connect.dataframe_names"],
    "pyspark.sql.connect.readwriter": ["pyrite.connect.writer_names"],
}

#: What ``pyspark.rdd`` and its siblings have that ``pyspark`` itself does not show.
_NOT_ON_TOP = {"PipelinedRDD", "BoundedFloat", "Partitioner", "portable_hash"}


def install(launch_settings: Callable[[], Mapping[str, str]]) -> None:
    """Make ``pyspark`` whole; a second call changes nothing.

    Args:
        launch_settings: The settings a ``SparkConf()`` starts from, asked for at each one.

    Raises:
        ImportError: If the full PySpark, with its own engine, is installed in the place of
            the client package.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    _refuse_full_pyspark()
    pyspark = importlib.import_module("pyspark")
    # The client remembers its first answer. It must be True for the SQL half to work, and
    # must be given before pyspark.core exists.
    importlib.import_module("pyspark.util").is_remote_only()

    sys.meta_path.append(_Finder())
    sys.meta_path.insert(0, _ChangingFinder())
    for module in _CHANGED:
        if module in sys.modules:
            _change(sys.modules[module])
    for module, homes in _REPLACED.items():
        _fill(pyspark, homes)
        _fill(importlib.import_module(module), homes)
    on_top: dict[str, str] = {}
    for homes in _CORE_MODULES.values():
        on_top.update(homes)
    _promise(
        pyspark,
        {
            **{name: home for name, home in on_top.items() if name not in _NOT_ON_TOP},
            **dict.fromkeys(("SQLContext", "HiveContext"), "pyspark.sql.context"),
        },
        submodules={"core", *_CORE_MODULES},
    )
    _number_profiles()
    _say_errors_once()
    _start_from(pyspark.SparkConf, launch_settings)
    _name_main_program()


def _refuse_full_pyspark() -> None:
    spec = importlib.util.find_spec("pyspark")
    for folder in (spec and spec.submodule_search_locations) or ():
        if Path(folder, "core").is_dir() or Path(folder, "jars").is_dir():
            raise ImportError(
                f"The full PySpark, with its own JVM engine, is installed in {folder}, where "
                "Pyrite needs only its client half. Replace it:  pip uninstall --yes pyspark "
                "pyspark-client  and then  pip install 'pyspark-client==4.2.*'",
                name="pyspark",
                path=folder,
            )


class _Finder:
    """Finds ``pyspark.core``, its modules, and the same modules without ``core``."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the spec of a module of ours, None for all others."""
        if fullname == "pyspark.core":
            return ModuleSpec(fullname, _Loader(), is_package=True)
        package, _, name = fullname.rpartition(".")
        if package in ("pyspark.core", "pyspark") and name in _CORE_MODULES:
            return ModuleSpec(fullname, _Loader())
        return None


class _Loader(Loader):
    """Fills a module of ours with its names; ``pyspark.rdd`` becomes ``pyspark.core.rdd``."""

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Import the names from their homes."""
        package, _, name = module.__name__.rpartition(".")
        if name == "core":
            return
        if package == "pyspark":
            sys.modules[module.__name__] = importlib.import_module(f"pyspark.core.{name}")
            return
        homes = _CORE_MODULES[name]
        _fill(module, homes)
        module.__dict__["__all__"] = [public for public in homes if public not in _NOT_ON_TOP]


class _ChangingFinder:
    """Finds the client package's modules whose classes ours change."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the module's own spec, with a loader that changes it in the end."""
        if fullname not in _CHANGED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _ChangingLoader(spec.loader)
        return spec


class _ChangingLoader(Loader):
    """Loads a module as it is, then has it changed."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to the module's own loader."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then the change."""
        self._loader.exec_module(module)
        _change(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)  # get_source and its like, for tracebacks


def _change(module: ModuleType) -> None:
    for ours in _CHANGED[module.__name__]:
        importlib.import_module(ours).install(module)


def _fill(module: ModuleType, homes: Homes) -> None:
    """Give ``module`` each name from its home, now."""
    for name, home in homes.items():
        setattr(module, name, getattr(importlib.import_module(home), name))


def _promise(module: ModuleType, homes: Homes, submodules: Collection[str] = ()) -> None:
    """Let ``module`` import each name from its home when it is first asked for."""

    def load(name: str) -> Any:
        if name in submodules:
            return importlib.import_module(f"{module.__name__}.{name}")
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        value = module.__dict__[name] = getattr(importlib.import_module(home), name)
        return value

    def names() -> list[str]:
        return sorted({*module.__dict__, *homes, *submodules})

    module.__dict__.update(__getattr__=load, __dir__=names)


def _name_main_program() -> None:
    """Let programs without a file (``python -c``) import ``pyspark.sql.connect``.

    It takes a main module with neither file nor spec for a run of its own tests, and wants them.
    """
    main: Any = sys.modules["__main__"]
    if main.__spec__ is None and not hasattr(main, "__file__"):
        main.__spec__ = ModuleSpec("__main__", loader=None)


def _number_profiles() -> None:
    """Let ``ResourceProfile.id`` count without a JVM."""
    profile_class: Any = importlib.import_module("pyspark.resource.profile").ResourceProfile

    def profile_id(profile: Any) -> int:
        number: int = importlib.import_module("pyrite.core.shared.resource").profile_id(profile)
        return number

    profile_class.id = property(profile_id)


def _say_errors_once() -> None:
    """Leave out the lines of JSON in which the client repeats each error of a query.

    The error itself is raised, and says the same. Who has set these loggers keeps what was set.
    """
    loggers: Any = importlib.import_module("pyspark.logger").PySparkLogger
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        if name not in logging.root.manager.loggerDict:
            loggers.getLogger(name).setLevel(logging.CRITICAL)


def _start_from(conf_class: Any, launch_settings: Callable[[], Mapping[str, str]]) -> None:
    """Let ``SparkConf()`` start from the launcher's settings, as it does on a JVM.

    The class stays the client package's own: it has been imported under many names by now.
    """
    start_empty = conf_class.__init__

    @wraps(start_empty)
    def start(self: Any, loadDefaults: bool = True, *args: Any, **kwargs: Any) -> None:
        start_empty(self, loadDefaults, *args, **kwargs)
        if loadDefaults:
            self.setAll(list(launch_settings().items()))

    conf_class.__init__ = start
