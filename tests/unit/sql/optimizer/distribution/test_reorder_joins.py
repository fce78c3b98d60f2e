"""The order of joins: what is joined first, on which side, and that the rows stay the same."""

import random
from collections.abc import Callable

import pytest

from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.optimizer.distribution.prune_columns import prune_columns
from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.optimizer.distribution.reorder_joins import reorder_joins
from pyrite.sql.plans.plan import (
    Filter,
    Join,
    JoinType,
    LogicalPlan,
    Project,
    SourceRelation,
    SubqueryAlias,
)

Planned = Callable[[str], LogicalPlan]
Rows = Callable[[LogicalPlan], list[str]]

_WORDS = {
    JoinType.INNER: "*",
    JoinType.CROSS: "x",
    JoinType.LEFT_SEMI: "semi",
    JoinType.LEFT_ANTI: "anti",
    JoinType.LEFT_OUTER: "left",
}


def shape(plan: LogicalPlan) -> str:
    """Write joins with their conditions, and tables by name; a stroke is a condition."""
    match plan:
        case SubqueryAlias(hint=str() as hint):
            return f"<{hint}>{shape(plan.child)}"
        case Project() | SubqueryAlias():
            return shape(plan.child)
        case Filter():
            return f"{shape(plan.child)}'"
        case SourceRelation():
            return plan.attributes[0].name[0]
        case Join():
            on = "" if plan.condition is None else f"[{pretty(plan.condition)}]"
            return f"({shape(plan.left)} {_WORDS[plan.join_type]}{on} {shape(plan.right)})"
    return f"{type(plan).__name__}({', '.join(map(shape, plan.children))})"


ORDERS = {
    "SELECT * FROM d, a WHERE a1 = d1": "(a *[(a1 = d1)] d)",
    "SELECT * FROM a, b, c, d WHERE a1 = b1 AND b2 = c2 AND c1 = d1": (
        "(((c *[(c1 = d1)] d) *[(b2 = c2)] b) *[(a1 = b1)] a)"
    ),
    "SELECT * FROM a, b, c WHERE a1 = b1 AND b1 = c1 AND a2 = 3": (
        "(b *[(b1 = c1)] (c *[(a1 = c1)] a'))"
    ),
    "SELECT * FROM a, b, c WHERE a1 = b1": "((a *[(a1 = b1)] b) x c)",
    "SELECT * FROM a, c WHERE a1 = c1 AND a2 = c1": "(c *[(a1 = c1)] a')",
    "SELECT * FROM a, b, d WHERE a1 = b1 AND b1 = d1 AND a2 + b2 + d2 > 9": (
        "((a *[(a1 = d1)] d) *[((b1 = d1) AND (((a2 + b2) + d2) > 9))] b)"
    ),
    "SELECT /*+ BROADCAST(c) */ * FROM a, b, c WHERE a1 = b1 AND b1 = c1": (
        "((a *[(a1 = c1)] <broadcast>c) *[(b1 = c1)] b)"
    ),
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r, d WHERE d1 = n AND n < 3) "
    "SELECT n, a2 FROM r, a WHERE a1 = n": (
        "With(RecursiveCte(OneRowRelation(), (CteReference() x d)'), "
        "(CteReference() *[(a1 = n)] a))"
    ),
    "SELECT a2, m FROM a JOIN c ON a1 = c1, LATERAL (SELECT max(b2) AS m FROM b WHERE b1 = a2)": (
        "LateralJoin((a *[(a1 = c1)] c), Aggregate(b'))"
    ),
    "SELECT * FROM a JOIN b ON a1 = b1 LEFT SEMI JOIN d ON d1 = a2": (
        "(b *[(a1 = b1)] (a semi[(d1 = a2)] d))"
    ),
}


@pytest.mark.parametrize("text", ORDERS)
def test_the_order(planned: Planned, rows_of: Rows, text: str) -> None:
    plan = planned(text)
    ordered = reorder_joins(push_predicates(plan))
    assert shape(ordered) == ORDERS[text]
    assert ordered.output == plan.output
    assert rows_of(ordered) == rows_of(plan)


QUERIES = 120


def test_random_queries_keep_their_rows(planned: Planned, rows_of: Rows) -> None:
    draw = random.Random(5)
    for _ in range(QUERIES):
        text = random_query(draw)
        plan = planned(text)
        ordered = prune_columns(reorder_joins(prune_columns(push_predicates(plan))))
        assert ordered.output == plan.output, text
        assert rows_of(ordered) == rows_of(plan), text


def random_query(draw: random.Random) -> str:
    """Joins of all kinds over three or four tables, with conditions beside and above them."""
    tables = draw.sample("abcd", draw.choice([3, 3, 4]))
    text, seen = tables[0], [tables[0]]
    for table in tables[1:]:
        kind = draw.choice(
            ["JOIN", "JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI", "ANTI"]
        )
        word = f"LEFT {kind} JOIN" if kind in ("SEMI", "ANTI") else kind
        on = [random_equality(draw, [draw.choice(seen)], [table])]
        if draw.random() < 0.5:
            on.append(random_condition(draw, [*seen, table]))
        text += f" {word} {table} ON {' AND '.join(on)}"
        if kind not in ("SEMI", "ANTI"):
            seen.append(table)
    where = [random_condition(draw, seen) for _ in range(draw.randint(0, 3))]
    if len(seen) > 1 and draw.random() < 0.3:
        where.append(random_equality(draw, seen[:1], seen[1:]))
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    columns = [f"{table}{name}" for table in seen for name in "12"]
    chosen = ", ".join(draw.sample(columns, draw.randint(1, len(columns))))
    if draw.random() < 0.3:
        return f"SELECT count(*), sum({columns[0]}) FROM {text}{condition}"
    return f"SELECT {chosen} FROM {text}{condition}"


def random_equality(draw: random.Random, left: list[str], right: list[str]) -> str:
    sign = draw.choice(["=", "=", "=", "<=>"])
    return f"{draw.choice(left)}{draw.choice('12')} {sign} {draw.choice(right)}{draw.choice('12')}"


def random_condition(draw: random.Random, tables: list[str]) -> str:
    a, b = (f"{draw.choice(tables)}{draw.choice('12')}" for _ in range(2))
    form = draw.choice(
        [
            "{a} > {n}",
            "{a} = {n}",
            "{a} <> {b}",
            "{a} < {b} + {n}",
            "{a} IS NULL",
            "{a} IS NOT NULL",
            "coalesce({a}, {n}) >= 2",
            "({a} = {n} OR {b} > {n})",
            "(({a} = {b} AND {a} > 1) OR ({a} = {b} AND {b} < {n}))",
            "(({a} = 1 AND {b} = 2) OR ({a} = 2 AND {b} <> 1))",
            "{a} IN ({n}, 1, 2, 3)",
        ]
    )
    return form.format(a=a, b=b, n=draw.randint(0, 6))
