"""Unresolved operators: what the client and the parser write; the analyzer rewrites all of it.

The field comments name what differs from the resolved operator of a like name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import Origin
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import UnresolvedAlias, UnresolvedPythonUDF
from pyrite.sql.plans.plan import JoinType, LogicalPlan
from pyrite.sql.types import DataType, StructType

if TYPE_CHECKING:
    import pyarrow as pa

Options = tuple[tuple[str, str], ...]  # in the order they were given


@dataclass(frozen=True, slots=True)
class PlanId(LogicalPlan):
    """A relation the client's columns may point at (``df.col``)."""

    plan_id: int
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedRelation(LogicalPlan):
    """A table, a view or a common table expression by its name, or ``format.`path```."""

    name: tuple[str, ...]
    options: Options = ()
    is_streaming: bool = False
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class StoredView(LogicalPlan):
    """A view of the metastore.

    Attributes:
        name: Its full name.
        text: Its query's SQL.
        namespace: The catalog and database that names in the query are looked up in.
        view_schema: The columns it was made with.
    """

    name: tuple[str, ...]
    text: str
    namespace: tuple[str, ...]
    view_schema: StructType


@dataclass(frozen=True, slots=True)
class UnresolvedDataSource(LogicalPlan):
    """``spark.read.format(...).load(...)``."""

    format: str
    user_schema: StructType | None
    options: Options
    paths: tuple[str, ...]
    is_streaming: bool = False
    predicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnresolvedPythonDataSource(LogicalPlan):
    """A user's data source class (pickled), read inline."""

    name: str
    payload: bytes


@dataclass(frozen=True, slots=True, eq=False)
class UnresolvedLocalRelation(LogicalPlan):
    """Rows that came with the plan, to be shown as ``user_schema``."""

    table: pa.Table | None
    user_schema: StructType | None


@dataclass(frozen=True, slots=True)
class UnresolvedInlineTable(LogicalPlan):
    """``VALUES (1, 'a'), (2, 'b') AS t(x, y)``; without names, col1, col2, ..."""

    rows: tuple[tuple[Expression, ...], ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnresolvedRange(LogicalPlan):
    """``spark.range``."""

    start: int
    end: int
    step: int
    num_partitions: int | None = None


@dataclass(frozen=True, slots=True)
class UnresolvedTableFunction(LogicalPlan):
    """A table-valued function by its name: ``range(3)``, ``explode(...)``, a user's own."""

    name: tuple[str, ...]
    arguments: tuple[Expression, ...]
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedPythonTableFunction(LogicalPlan):
    """A user's table function (UDTF) called inline."""

    name: str
    payload: bytes
    arguments: tuple[Expression, ...]
    return_type: DataType | None
    eval_type: int
    deterministic: bool = True


@dataclass(frozen=True, slots=True)
class CachedRemoteRelation(LogicalPlan):
    """A DataFrame the session holds for the client, by its id."""

    relation_id: str


@dataclass(frozen=True, slots=True)
class UnresolvedSubqueryAlias(LogicalPlan):
    """``AS t`` or ``AS t(a, b)``.

    Attributes:
        alias: The name; empty for a query in FROM that was given none.
        columns: Names for its columns.
    """

    alias: str
    child: LogicalPlan
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnresolvedWith(LogicalPlan):
    """WITH [RECURSIVE] name [(columns)] AS (query), ... child."""

    definitions: tuple[tuple[str, tuple[str, ...], LogicalPlan], ...]
    child: LogicalPlan
    recursive: bool = False


@dataclass(frozen=True, slots=True)
class RecursionLimit(LogicalPlan):
    """MAX RECURSION LEVEL of a recursive query, around that query."""

    level: int
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedProject(LogicalPlan):
    """SELECT list over ``child``; it may hold stars, generators, aggregates and windows.

    An aggregate in the list without a GROUP BY makes one group of everything.
    """

    expressions_list: tuple[Expression, ...]
    child: LogicalPlan
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedFilter(LogicalPlan):
    """WHERE."""

    condition: Expression
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedHaving(LogicalPlan):
    """HAVING: may use aggregates and the aliases of the Aggregate below."""

    condition: Expression
    child: LogicalPlan
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedQualify(LogicalPlan):
    """QUALIFY: a filter over the SELECT below that may use window functions and aliases."""

    condition: Expression
    child: LogicalPlan
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedAggregate(LogicalPlan):
    """GROUP BY.

    Attributes:
        grouping: Expressions, ordinals and aliases; with ``group_type`` "all", none.
        aggregates: The output list. From the DataFrame API it does not repeat the grouping.
        group_type: "groupby", "rollup", "cube", "grouping_sets" or "all" (GROUP BY ALL).
        grouping_sets: The sets of GROUPING SETS, as expressions.
        keep_grouping: Whether the grouping expressions come first in the output (DataFrames).
    """

    grouping: tuple[Expression, ...]
    aggregates: tuple[Expression, ...]
    child: LogicalPlan
    group_type: str = "groupby"
    grouping_sets: tuple[tuple[Expression, ...], ...] = ()
    keep_grouping: bool = False
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedPivot(LogicalPlan):
    """PIVOT.

    Attributes:
        grouping: None to group by every column that is not used (SQL).
        column: What is compared with the values; several columns are a struct.
        values: (value, name or None) pairs; empty to ask the data (DataFrames).
    """

    grouping: tuple[Expression, ...] | None
    column: Expression
    values: tuple[tuple[Expression, str | None], ...]
    aggregates: tuple[Expression, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedUnpivot(LogicalPlan):
    """UNPIVOT and ``melt``.

    Attributes:
        ids: None for all columns that are not values.
        values: Groups of expressions with an optional name each; None for all but the ids.
    """

    ids: tuple[Expression, ...] | None
    values: tuple[tuple[tuple[Expression, ...], str | None], ...] | None
    variable_column: str
    value_columns: tuple[str, ...]
    child: LogicalPlan
    include_nulls: bool = True


@dataclass(frozen=True, slots=True)
class UnresolvedJoin(LogicalPlan):
    """JOIN with ON, USING, NATURAL or LATERAL."""

    left: LogicalPlan
    right: LogicalPlan
    join_type: JoinType
    condition: Expression | None = None
    using: tuple[str, ...] = ()
    natural: bool = False
    lateral: bool = False
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedAsOfJoin(LogicalPlan):
    """``merge_asof``."""

    left: LogicalPlan
    right: LogicalPlan
    left_as_of: Expression
    right_as_of: Expression
    condition: Expression | None
    using: tuple[str, ...]
    join_type: JoinType
    tolerance: Expression | None
    allow_exact_matches: bool
    direction: str


@dataclass(frozen=True, slots=True)
class UnresolvedNearestByJoin(LogicalPlan):
    """The k nearest right rows of each left row by a ranking expression."""

    left: LogicalPlan
    right: LogicalPlan
    ranking: Expression
    num_results: int
    join_type: JoinType
    mode: str
    direction: str


@dataclass(frozen=True, slots=True)
class UnresolvedSetOperation(LogicalPlan):
    """UNION, INTERSECT or EXCEPT.

    Attributes:
        operation: "union", "intersect" or "except".
    """

    left: LogicalPlan
    right: LogicalPlan
    operation: str
    is_all: bool
    by_name: bool = False
    allow_missing_columns: bool = False
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedSort(LogicalPlan):
    """ORDER BY (or SORT BY).

    Attributes:
        all_columns: ORDER BY ALL; the one key of ``order`` then only says the direction.
    """

    order: tuple[Expression, ...]
    is_global: bool
    child: LogicalPlan
    all_columns: bool = False


@dataclass(frozen=True, slots=True)
class UnresolvedDistinct(LogicalPlan):
    """SELECT DISTINCT and ``dropDuplicates``; without names, all columns."""

    child: LogicalPlan
    columns: tuple[str, ...] = ()
    within_watermark: bool = False
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedLimit(LogicalPlan):
    """LIMIT."""

    limit: Expression
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedOffset(LogicalPlan):
    """OFFSET."""

    offset: Expression
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedTail(LogicalPlan):
    """``df.tail``."""

    limit: int
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedGenerate(LogicalPlan):
    """LATERAL VIEW [OUTER] generator(...) table AS columns."""

    generator: Expression
    outer: bool
    table_alias: str | None
    columns: tuple[str, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedSample(LogicalPlan):
    """``sample`` and TABLESAMPLE (percent).

    Attributes:
        deterministic_order: Whether rows must be drawn in the order of their values, so that
            the parts of ``randomSplit`` do not overlap.
    """

    lower: float
    upper: float
    with_replacement: bool
    seed: int | None
    child: LogicalPlan
    deterministic_order: bool = False


@dataclass(frozen=True, slots=True)
class UnresolvedRepartition(LogicalPlan):
    """``repartition``, ``coalesce``, ``repartitionByRange``, DISTRIBUTE BY, CLUSTER BY.

    Attributes:
        by_id: Whether the only key is the number of the partition (``repartitionById``).
    """

    num_partitions: int | None
    shuffle: bool
    keys: tuple[Expression, ...]
    child: LogicalPlan
    by_id: bool = False


@dataclass(frozen=True, slots=True)
class UnresolvedHint(LogicalPlan):
    """``/*+ NAME(parameters) */`` and ``df.hint``."""

    name: str
    parameters: tuple[Expression, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedWindowClause(LogicalPlan):
    """WINDOW name AS (...), ... for the SELECT below it."""

    windows: tuple[tuple[str, Expression], ...]  # name, UnresolvedWindow over a null function
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class WithColumns(LogicalPlan):
    """``withColumns``: add columns, or replace those of the same name."""

    aliases: tuple[UnresolvedAlias, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class WithColumnsRenamed(LogicalPlan):
    """``withColumnsRenamed``: (old, new) pairs; an unknown old name is ignored."""

    renames: tuple[tuple[str, str], ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class ToDF(LogicalPlan):
    """``toDF``: new names for all columns."""

    names: tuple[str, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class ToSchema(LogicalPlan):
    """``df.to(schema)``: reorder, add, cast and check columns."""

    target: StructType
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class DropColumns(LogicalPlan):
    """``drop``."""

    columns: tuple[Expression, ...]
    names: tuple[str, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class WithWatermark(LogicalPlan):
    """``withWatermark``: how late a stream's rows may be.

    A batch query ignores it, down to columns that do not exist; only the delay must be one.
    """

    event_time: str
    delay: str
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Observe(LogicalPlan):
    """``observe``."""

    name: str
    metrics: tuple[Expression, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class ShowString(LogicalPlan):
    """``show``: one row, one column, the picture of the first rows."""

    num_rows: int
    truncate: int
    vertical: bool
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class HtmlString(LogicalPlan):
    """The notebook's table of the first rows, as HTML."""

    num_rows: int
    truncate: int
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Parse(LogicalPlan):
    """``spark.read.json(df)`` and like: a string column read as a file's lines."""

    format: str
    user_schema: StructType | None
    options: Options
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Transpose(LogicalPlan):
    """``df.transpose``."""

    index_columns: tuple[Expression, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedMapPartitions(LogicalPlan):
    """``mapInPandas`` and ``mapInArrow``."""

    function: UnresolvedPythonUDF
    is_barrier: bool
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedGroupMap(LogicalPlan):
    """``applyInPandas`` and ``applyInArrow``."""

    grouping: tuple[Expression, ...]
    function: UnresolvedPythonUDF
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedCoGroupMap(LogicalPlan):
    """``cogroup().applyInPandas`` and ``applyInArrow``."""

    left_grouping: tuple[Expression, ...]
    right_grouping: tuple[Expression, ...]
    function: UnresolvedPythonUDF
    left: LogicalPlan
    right: LogicalPlan


@dataclass(frozen=True, slots=True)
class WithRelations(LogicalPlan):
    """A root and the relations its expressions refer to by plan id."""

    references: tuple[LogicalPlan, ...]  # PlanId or named (UnresolvedSubqueryAlias) relations
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class SqlText(LogicalPlan):
    """``spark.sql(text, args)``; the analyzer parses it.

    Attributes:
        named: Values of ``:name`` parameters.
        positional: Values of ``?`` parameters.
        held_by: The kind and the name of what has the text, if it is not the query itself.
    """

    text: str
    named: tuple[tuple[str, Expression], ...] = ()
    positional: tuple[Expression, ...] = ()
    held_by: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class FillNa(LogicalPlan):
    """``na.fill``: one value for all ``columns``, or one for each; no columns means all."""

    columns: tuple[str, ...]
    values: tuple[Expression, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class DropNa(LogicalPlan):
    """``na.drop``: keep rows with at least ``min_non_nulls`` (None: all) values."""

    columns: tuple[str, ...]
    min_non_nulls: int | None
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class ReplaceValues(LogicalPlan):
    """``na.replace``: (old, new) literals in ``columns`` (none: all of a fitting type)."""

    columns: tuple[str, ...]
    replacements: tuple[tuple[Expression, Expression], ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Describe(LogicalPlan):
    """``describe`` (count, mean, stddev, min, max) of columns."""

    columns: tuple[str, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Summary(LogicalPlan):
    """``summary`` by statistics' names; none means the default ones."""

    statistics: tuple[str, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class StatFunction(LogicalPlan):
    """``df.stat``: cov, corr, crosstab, freqItems, approxQuantile, sampleBy.

    Attributes:
        function: Its name as in Spark Connect: "cov", "corr", "crosstab", "freq_items",
            "approx_quantile" or "sample_by".
        columns: The columns it is about.
        parameters: Its other arguments by name.
    """

    function: str
    columns: tuple[Expression, ...]
    parameters: tuple[tuple[str, Any], ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class CatalogCall(LogicalPlan):
    """``spark.catalog``: a call whose answer is a table.

    Attributes:
        method: Spark Connect's name, such as ``list_tables``.
        arguments: Its arguments by Spark Connect's names.
    """

    method: str
    arguments: tuple[tuple[str, Any], ...]
