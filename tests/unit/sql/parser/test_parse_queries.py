"""Queries: which operators a text becomes, and in which order."""

from __future__ import annotations

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Literal, SortOrder
from pyrite.sql.expressions.unresolved import UnresolvedAlias, UnresolvedAttribute
from pyrite.sql.parser import ParserSettings, parse_statement
from pyrite.sql.plans.plan import JoinType, LogicalPlan, OneRowRelation
from pyrite.sql.plans.unresolved import (
    UnresolvedAggregate,
    UnresolvedInlineTable,
    UnresolvedJoin,
    UnresolvedProject,
    UnresolvedRelation,
    UnresolvedSetOperation,
    UnresolvedSort,
    UnresolvedSubqueryAlias,
    UnresolvedWith,
)
from pyrite.sql.types import INTEGER


def chain(plan: LogicalPlan) -> list[str]:
    """The operators from the top down the first children, without their common prefix."""
    names = []
    while True:
        names.append(type(plan).__name__.removeprefix("Unresolved"))
        if not plan.children:
            return names
        plan = plan.children[0]


def find(text: str, kind: type) -> LogicalPlan:
    found = parse_statement(text).find(kind)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "operators"),
    [
        ("select 1", "Project OneRowRelation"),
        ("select a from t;", "Project Relation"),
        ("select distinct a from t where b limit 3", "Limit Distinct Project Filter Relation"),
        (
            "select a from t group by a having b order by c limit 1 offset 2",
            "Limit Offset Sort Having Aggregate Relation",
        ),
        ("select count(*) from t having x", "Having Aggregate Relation"),
        ("select a from t x", "Project SubqueryAlias Relation"),
        ("select a from (select 1) x", "Project SubqueryAlias Project OneRowRelation"),
        ("select a from t, u", "Project Join Relation"),
        ("table t", "Relation"),
        ("from t select a", "Project Relation"),
        ("from t |> where a |> select b", "Project Filter Relation"),
        ("values 1, 2", "InlineTable"),
        ("select * from range(3)", "Project TableFunction"),
        ("select a from t lateral view explode(b) v as c", "Project Generate Relation"),
        ("select a from t tablesample (10 percent)", "Project Sample Relation"),
        ("select a from t distribute by a sort by b", "Sort Repartition Project Relation"),
        (
            "select a, sum(b) over w from t window w as (order by a)",
            "WindowClause Project Relation",
        ),
        ("select /*+ broadcast(t) */ a from t", "Hint Project Relation"),
        ("select a from t qualify b", "Qualify Project Relation"),
        ("select * from t pivot (sum(a) for b in (1, 2 as two))", "Project Pivot Relation"),
        ("select * from t unpivot (v for k in (a, b as c))", "Project Unpivot Relation"),
        ("((select 1))", "Project OneRowRelation"),
    ],
)
def test_operators(text: str, operators: str) -> None:
    assert chain(parse_statement(text)) == operators.split()


@pytest.mark.parametrize(
    ("words", "join_type"),
    [
        ("join", JoinType.INNER),
        ("cross join", JoinType.CROSS),
        ("left outer join", JoinType.LEFT_OUTER),
        ("right join", JoinType.RIGHT_OUTER),
        ("full outer join", JoinType.FULL_OUTER),
        ("left semi join", JoinType.LEFT_SEMI),
        ("anti join", JoinType.LEFT_ANTI),
    ],
)
def test_joins(words: str, join_type: JoinType) -> None:
    join = find(f"select * from t {words} u using (a, b)", UnresolvedJoin)
    assert isinstance(join, UnresolvedJoin)
    assert (join.join_type, join.using) == (join_type, ("a", "b"))


def test_natural_and_lateral_joins() -> None:
    natural = find("select * from t natural left join u", UnresolvedJoin)
    assert isinstance(natural, UnresolvedJoin)
    assert natural.natural
    lateral = find("select * from t, lateral (select t.a) x", UnresolvedJoin)
    assert isinstance(lateral, UnresolvedJoin)
    assert lateral.lateral
    assert isinstance(lateral.right, UnresolvedSubqueryAlias)


def test_intersect_binds_tighter_than_union() -> None:
    plan = parse_statement("select 1 union all select 2 intersect select 3 except select 4")
    assert isinstance(plan, UnresolvedSetOperation)
    assert plan.operation == "except"
    union = plan.left
    assert isinstance(union, UnresolvedSetOperation)
    assert (union.operation, union.is_all) == ("union", True)
    assert isinstance(union.right, UnresolvedSetOperation)
    assert union.right.operation == "intersect"


def test_legacy_settings() -> None:
    text = "select 1 union select 2 intersect select 3"
    plan = parse_statement(text, ParserSettings(set_operations_from_left=True))
    assert isinstance(plan, UnresolvedSetOperation)
    assert plan.operation == "intersect"
    plan = parse_statement("select a from t having b", ParserSettings(having_as_where=True))
    assert chain(plan) == ["Project", "Filter", "Relation"]


def test_with() -> None:
    plan = parse_statement("with recursive a (x) as (select 1), b as (table a) select * from b")
    assert isinstance(plan, UnresolvedWith)
    assert plan.recursive
    assert [(name, columns) for name, columns, _ in plan.definitions] == [("a", ("x",)), ("b", ())]


def test_grouping() -> None:
    def group(clause: str) -> tuple[str, int, list[int]]:
        plan = find(f"select a from t group by {clause}", UnresolvedAggregate)
        assert isinstance(plan, UnresolvedAggregate)
        return plan.group_type, len(plan.grouping), [len(s) for s in plan.grouping_sets]

    assert group("a, b") == ("groupby", 2, [])
    assert group("all") == ("all", 0, [])
    assert group("a, b with rollup") == ("rollup", 2, [])
    assert group("rollup (a, b)") == ("grouping_sets", 2, [2, 1, 0])
    assert group("cube (a, b)") == ("grouping_sets", 2, [2, 1, 1, 0])
    assert group("a, b grouping sets ((a, b), a, ())") == ("grouping_sets", 2, [2, 1, 0])
    assert group("a, rollup ((b, c))") == ("grouping_sets", 3, [3, 1])


def test_order_by_all_keeps_its_direction() -> None:
    plan = parse_statement("select a from t order by all desc")
    assert isinstance(plan, UnresolvedSort)
    assert plan.all_columns
    assert isinstance(plan.order[0], SortOrder)
    assert not plan.order[0].ascending


def test_values_with_rows_and_single_values() -> None:
    table = find("select * from values (1, 'a'), (2, 'b') as t(x, y)", UnresolvedInlineTable)
    assert isinstance(table, UnresolvedInlineTable)
    assert [len(row) for row in table.rows] == [2, 2]
    table = find("select * from values 1, (2)", UnresolvedInlineTable)
    assert isinstance(table, UnresolvedInlineTable)
    assert [len(row) for row in table.rows] == [1, 1]


def test_words_of_clauses_are_names_where_nothing_else_fits() -> None:
    plan = parse_statement("select select as from, t.order from `a.b`.c where where")
    assert isinstance(plan, UnresolvedProject)
    assert plan.expressions_list[0] == UnresolvedAlias(UnresolvedAttribute(("select",)), "from")
    assert plan.expressions_list[1] == UnresolvedAttribute(("t", "order"))
    assert plan.find(UnresolvedRelation) == UnresolvedRelation(("a.b", "c"))
    assert parse_statement("select from") == UnresolvedProject(
        (UnresolvedAttribute(("from",)),), OneRowRelation()
    )


def test_relation_knows_its_place() -> None:
    relation = find("select *\nfrom  my.t", UnresolvedRelation)
    assert isinstance(relation, UnresolvedRelation)
    assert relation.origin is not None
    assert (relation.origin.start, relation.origin.stop) == (15, 18)


def test_identifier_clause() -> None:
    assert find("select * from identifier('a.' || 'b')", UnresolvedRelation) == UnresolvedRelation(
        ("a", "b")
    )


def test_parameters() -> None:
    one = Literal(1, INTEGER)
    plan = parse_statement("select :a, :b", ParserSettings(named={"a": one}))
    assert isinstance(plan, UnresolvedProject)
    assert plan.expressions_list[0] == one
    assert type(plan.expressions_list[1]).__name__ == "NamedParameter"
    plan = parse_statement("select ?, ?", ParserSettings(positional=[one]))
    assert isinstance(plan, UnresolvedProject)
    assert plan.expressions_list[0] == one
    assert type(plan.expressions_list[1]).__name__ == "OrdinalParameter"


@pytest.mark.parametrize(
    ("text", "found", "hint", "place"),
    [
        ("select a b c", "'c'", ": extra input 'c'", "line 1, pos 11"),
        ("select a b c d", "'c'", "", "line 1, pos 11"),
        ("select (a", "end of input", "", "line 1, pos 9"),
        ("select f(a, b", "end of input", ": missing ')'", "line 1, pos 13"),
        ("select a[1 2]", "'2'", ": extra input '2'", "line 1, pos 11"),
        ("select a,, b", "','", "", "line 1, pos 9"),
        ("select a between 1 2", "'2'", ": missing 'AND'", "line 1, pos 19"),
        ("selec a", "'selec'", "", "line 1, pos 0"),
        ("select 1 +", "end of input", "", "line 1, pos 10"),
        ("select 'a", "'''", "", "line 1, pos 7"),
        ("select a\nfrom t where b c", "'c'", ": extra input 'c'", "line 2, pos 15"),
        ("(select 1", "end of input", ": missing ')'", "line 1, pos 9"),
        ("select 1)", "')'", ": extra input ')'", "line 1, pos 8"),
        ("select ()", "')'", "", "line 1, pos 8"),
        ("with a as select 1 select 2", "'select'", "", "line 1, pos 10"),
        ("select a from t; select b", "'select'", ": extra input 'select'", "line 1, pos 17"),
        ("-- nothing", "end of input", "", "line 1, pos 10"),
    ],
)
def test_syntax_errors(text: str, found: str, hint: str, place: str) -> None:
    with pytest.raises(SparkError) as caught:
        parse_statement(text)
    error = caught.value
    assert error.error_class == "PARSE_SYNTAX_ERROR"
    assert error.parameters == {"error": found, "hint": hint}
    assert f"({place})" in error.message
