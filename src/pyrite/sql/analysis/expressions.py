"""ExpressionResolver: names to attributes, calls to typed calls, bottom-up in one pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.calls import resolve_call
from pyrite.sql.analysis.check import check_over, check_window
from pyrite.sql.analysis.extraction import extract, without_fields
from pyrite.sql.analysis.file_metadata import file_metadata
from pyrite.sql.analysis.name_patterns import columns_like, misplaced
from pyrite.sql.analysis.scope import Scope
from pyrite.sql.catalog.names import quoted
from pyrite.sql.errors import Origin, SparkError, analysis_error, parse_error
from pyrite.sql.expressions.char_types import as_it_is
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Cast,
    CastMode,
    Exists,
    Expression,
    FrameBound,
    InSubquery,
    LambdaVariable,
    Literal,
    PythonUDF,
    ScalarSubquery,
    SortOrder,
    WindowExpression,
)
from pyrite.sql.expressions.function import Function, FunctionKind
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import (
    DataTypeText,
    ExpressionText,
    MultiAlias,
    NamedArgument,
    NamedParameter,
    OrdinalParameter,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedCast,
    UnresolvedExists,
    UnresolvedExtractValue,
    UnresolvedFunction,
    UnresolvedInSubquery,
    UnresolvedLambda,
    UnresolvedLambdaVariable,
    UnresolvedPythonUDF,
    UnresolvedRegex,
    UnresolvedScalarSubquery,
    UnresolvedStar,
    UnresolvedSubqueryReference,
    UnresolvedWindow,
    UpdateField,
)
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.files import METADATA
from pyrite.sql.functions.kernels.variant_trees import parse_path
from pyrite.sql.functions.type_coercion import cast_to, common_type
from pyrite.sql.parser import parse_data_type
from pyrite.sql.types import (
    INTEGER,
    STRING,
    StructType,
    sql_name,
)

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["ExpressionResolver", "as_sort_order", "output_name"]


class ExpressionResolver:
    """Resolves the expressions of one operator.

    Args:
        analyzer: For subqueries, functions and settings.
        scope: What names mean.
        below: For aggregate functions' arguments in HAVING and ORDER BY: the scope under the
            aggregate, which there goes before ``scope``.
        lateral: Aliases defined earlier in the same SELECT list.
        keys: For HAVING: the grouping columns, which there go before ``scope``.

    Attributes:
        used_lateral: Whether an alias of the same SELECT list was used since it was set False.
        over_lateral: The ids of the items of the SELECT list that use such an alias.
        lifted: Aggregates of this operator's input that subqueries ask for.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        scope: Scope,
        below: Scope | None = None,
        lateral: dict[str, Expression] | None = None,
        keys: Scope | None = None,
    ) -> None:
        self.analyzer = analyzer
        self.scope = scope
        self.below = below
        self.lateral = lateral
        self.keys = keys
        self.used_lateral = False
        self.over_lateral: set[int] = set()
        self.lifted: list[Alias] = []
        self.lambdas: list[dict[str, LambdaVariable]] = []
        self._in_aggregate = False
        self._in_window = False

    def resolve(self, expression: Expression) -> Expression:
        """Return the resolved form of an expression.

        Raises:
            SparkError: If it has no meaning here.
        """
        handler = _HANDLERS.get(type(expression))
        try:
            if handler is None:
                return expression.map_children(self.resolve)
            return handler(self, expression)
        except SparkError as error:
            error.met_in(expression)
            raise

    def resolve_list(self, expressions: Sequence[Expression]) -> list[Expression]:
        """Resolve arguments, each star or pattern becoming the columns it stands for."""
        resolved: list[Expression] = []
        for expression in expressions:
            if isinstance(expression, (UnresolvedStar, UnresolvedRegex)):
                resolved += self.expand(expression)
            else:
                resolved.append(self.resolve(expression))
        return resolved

    # Stars and patterns

    def expand(self, expression: UnresolvedStar | UnresolvedRegex) -> list[Expression]:
        """Return the columns a star or a pattern stands for."""
        if isinstance(expression, UnresolvedRegex):
            columns = (
                self.scope.under(expression.table)
                if expression.table
                else self._all(expression.plan_id)
            )
            return columns_like(expression.pattern, columns, self.scope.case_sensitive)
        columns_: list[Expression]
        if expression.target:
            columns_ = list(self._under(expression.target))
            if not columns_:
                columns_ = self._struct_star(expression)
        else:
            columns_ = list(self._all(expression.plan_id))
        if not expression.excluded:
            return columns_
        return self._without(columns_, expression.excluded)

    def _all(self, plan_id: int | None) -> Sequence[Attribute]:
        if plan_id is None:
            return self.scope.attributes
        places = self.scope.plan_ids.get(plan_id, (self.scope.attributes,))
        return list(dict.fromkeys(itertools.chain.from_iterable(places)))

    def _under(self, target: Sequence[str]) -> Sequence[Attribute]:
        """Return the columns of a relation, here or in a query around this one."""
        scope: Scope | None = self.scope
        while scope is not None:
            columns = scope.under(target)
            if columns:
                return columns
            scope = scope.outer
        return ()

    def _struct_star(self, star: UnresolvedStar) -> list[Expression]:
        try:
            struct = self.resolve(UnresolvedAttribute(star.target))
        except SparkError:
            struct = None
        if struct is None or not isinstance(struct.data_type, StructType):
            raise analysis_error(
                "CANNOT_RESOLVE_STAR_EXPAND",
                star.origin,
                targetString=quoted(star.target),
                columns=", ".join(quoted([a.name]) for a in self.scope.attributes),
            )
        return [Alias(self.field(struct, name), name) for name in struct.data_type.fieldNames()]

    def _without(
        self, columns: list[Expression], excluded: Sequence[tuple[str, ...]]
    ) -> list[Expression]:
        gone: set[object] = set()
        fields: dict[object, list[tuple[str, ...]]] = {}
        for parts in excluded:
            match = self.scope.find(parts)
            if match is None:
                raise self.unresolved_column(parts, None)
            for candidate in match.candidates:
                if match.fields:
                    fields.setdefault(id_of(candidate), []).append(tuple(match.fields))
                else:
                    gone.add(id_of(candidate))
        if gone & fields.keys():
            raise analysis_error(
                "EXCEPT_OVERLAPPING_COLUMNS", columns=", ".join(map(".".join, excluded))
            )
        return [
            without_fields(self, column, fields[id_of(column)])
            if id_of(column) in fields
            else column
            for column in columns
            if id_of(column) not in gone
        ]

    # Names

    def _attribute(self, name: UnresolvedAttribute) -> Expression:
        metadata = self._file_metadata(name) if name.is_metadata else None
        if metadata is not None:
            return metadata
        if name.plan_id is not None:
            return self._by_plan_id(name, name.plan_id)
        variable = self._lambda_variable(name.parts)
        if variable is not None:
            return variable
        scopes: list[Scope] = []
        if self._in_aggregate and self.below is not None:
            scopes.append(self.below)
        elif self.keys is not None:
            scopes.append(self.keys)
        scopes.append(self.scope)
        if self.below is not None and not self._in_aggregate:
            scopes.append(self.below)
        for scope in scopes:
            found = self._in_scope(scope, name)
            if found is not None:
                return found
        if self.lateral:
            alias = self.lateral.get(self.scope.fold(name.parts[0]))
            if alias is not None:
                self.used_lateral = True
                return self._fields(alias, name.parts[1:], name.origin)
        outer = self.scope.outer
        while outer is not None:
            found = self._in_scope(outer, name)
            if found is not None:
                return found
            outer = outer.outer
        special = (
            self._without_parentheses(name)
            or self._file_metadata(name)
            or self._session_variable(name)
        )
        if special is not None:
            return special
        raise self.unresolved_column(name.parts, name.origin)

    def _in_scope(self, scope: Scope, name: UnresolvedAttribute) -> Expression | None:
        match = scope.find(name.parts)
        if match is None:
            return None
        if len(match.candidates) > 1:
            raise analysis_error(
                "AMBIGUOUS_REFERENCE",
                name.origin,
                name=quoted(name.parts),
                referenceNames="["
                + ", ".join(
                    sorted(
                        quoted((*a.qualifier, a.name))
                        for a in match.candidates
                        if isinstance(a, Attribute)
                    )
                )
                + "]",
            )
        found = match.candidates[0]
        if isinstance(found, Attribute):
            # A column is shown as it was written last.
            written = name.parts[len(name.parts) - len(match.fields) - 1]
            if written != found.name:
                found = replace(found, name=written)
        return self._fields(found, match.fields, name.origin)

    def _by_plan_id(self, name: UnresolvedAttribute, plan_id: int) -> Expression:
        scopes = [self.below, self.scope] if self._in_aggregate else [self.scope, self.below]
        outer = self.scope.outer
        while outer is not None:
            scopes.append(outer)
            outer = outer.outer
        for scope in scopes:
            if scope is None:
                continue
            candidates = []
            for columns in scope.plan_ids.get(plan_id, ()):
                own = Scope(columns, case_sensitive=scope.case_sensitive)
                found = self._in_scope(own, name)
                if found is None:
                    raise self.unresolved_column(name.parts, name.origin, own)
                candidates.append(found)
            visible: dict[int, Expression] = {}
            for attributes in (scope.attributes, scope.hidden):
                visible |= {a.expression_id: a for a in attributes}
                reachable = [
                    found
                    for found in candidates
                    if all(a.expression_id in visible for a in found.references())
                ]
                if len(reachable) > 1:
                    raise analysis_error(
                        "AMBIGUOUS_COLUMN_REFERENCE", name.origin, name=f'"{".".join(name.parts)}"'
                    )
                if reachable:
                    return self._as_visible(reachable[0], visible)
        raise analysis_error(
            "CANNOT_RESOLVE_DATAFRAME_COLUMN", name.origin, name=f'"{".".join(name.parts)}"'
        )

    @staticmethod
    def _as_visible(found: Expression, visible: Mapping[int, Expression]) -> Expression:
        """Return a column as it is now: with the nullability that joins have given it since."""
        return found.transform_up(
            lambda e: visible[e.expression_id] if isinstance(e, Attribute) else e
        )

    def _without_parentheses(self, name: UnresolvedAttribute) -> Expression | None:
        """Return the value of a name such as ``current_date``, which needs no parentheses."""
        function = _NILADIC.get(name.parts[0].lower())
        if len(name.parts) != 1 or function is None:
            return None
        return self.resolve(UnresolvedFunction((function,), (), origin=name.origin))

    def _file_metadata(self, name: UnresolvedAttribute) -> Expression | None:
        """Return what ``_metadata`` or a field of it stands for."""
        if self.scope.fold(name.parts[0]) != METADATA.name:
            return None
        metadata = file_metadata(self.scope.plan)
        return metadata and self._fields(metadata, name.parts[1:], name.origin)

    def _session_variable(self, name: UnresolvedAttribute) -> Expression | None:
        """Return the value of a variable: ``x``, ``session.x`` or ``system.session.x``."""
        variables = self.analyzer.session.variables
        lowered = tuple(part.lower() for part in name.parts)
        for place in (("system", "session"), ("session",), ()):
            rest = lowered[len(place) :]
            if lowered[: len(place)] == place and rest and rest[0] in variables:
                value = variables[rest[0]].value
                return self._fields(value, name.parts[len(place) + 1 :], name.origin)
        return None

    def unresolved_column(
        self, parts: Sequence[str], origin: Origin | None, scope: Scope | None = None
    ) -> SparkError:
        """Make the error of a name nobody knows, with the likeliest ones that exist."""
        attributes = (scope or self.scope).attributes
        wanted = ".".join(parts)
        names = {}
        qualified = len({a.qualifier for a in attributes}) > 1 or len(parts) > 1
        for a in attributes:
            shown = (*a.qualifier, a.name) if qualified and a.qualifier else (a.name,)
            names[".".join(shown)] = quoted(shown)
        if not names:
            return analysis_error(
                "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", origin, objectName=quoted(parts)
            )
        ranked = sorted(sorted(names), key=lambda name: _edits(names[name], wanted))
        return analysis_error(
            "UNRESOLVED_COLUMN.WITH_SUGGESTION",
            origin,
            objectName=quoted(parts),
            proposal=", ".join(names[n] for n in ranked[:5]),
        )

    def _fields(
        self, expression: Expression, names: Sequence[str], origin: Origin | None
    ) -> Expression:
        for name in names:
            expression = extract(self, expression, Literal(name, STRING), origin)
        return expression

    def field(self, struct: Expression, name: str) -> Expression:
        """Return a field of a struct."""
        return extract(self, struct, Literal(name, STRING))

    # Lambdas

    def _lambda_variable(self, parts: Sequence[str]) -> Expression | None:
        for names in reversed(self.lambdas):
            variable = names.get(self.scope.fold(parts[0]))
            if variable is not None:
                return self._fields(variable, parts[1:], None)
        return None

    def _named_lambda_variable(self, name: UnresolvedLambdaVariable) -> Expression:
        variable = self._lambda_variable(name.parts)
        return (
            variable if variable is not None else self._attribute(UnresolvedAttribute(name.parts))
        )

    # Calls

    def call(self, name: str, *arguments: Expression) -> Expression:
        """Return a call of a built-in function with resolved arguments."""
        return resolve_call(self, UnresolvedFunction((name,), arguments), arguments)

    def _function(self, function: UnresolvedFunction) -> Expression:
        entry = self.analyzer.session.function(function.name[-1])
        aggregates = isinstance(entry, Function) and entry.kind is FunctionKind.AGGREGATE
        before = self._in_aggregate
        has_over, self._in_window = self._in_window, False
        self._in_aggregate = before or aggregates
        try:
            arguments = self._arguments(function)
            clauses = replace(
                function,
                arguments=(),
                filter=None if function.filter is None else self.resolve(function.filter),
                order=tuple(self.resolve(o) for o in function.order),  # type: ignore[misc]
            )
        finally:
            self._in_aggregate = before
        resolved = resolve_call(self, clauses, arguments)
        if aggregates and not has_over:
            resolved = self._of_outer(resolved)
        if not has_over:
            check_over(resolved)
        return resolved

    def _arguments(self, function: UnresolvedFunction) -> list[Expression]:
        if function.name[-1].lower() == "count" and len(function.arguments) == 1:
            only = function.arguments[0]
            if isinstance(only, UnresolvedStar) and not only.target and not function.distinct:
                return [Literal(1, INTEGER)]
        arguments: list[Expression] = []
        for argument in function.arguments:
            # A lambda waits until its parameters' types are known.
            if isinstance(argument, UnresolvedLambda):
                arguments.append(argument)
            elif isinstance(argument, NamedArgument):
                arguments.append(NamedArgument(argument.key, self.resolve(argument.value)))
            else:
                arguments += self.resolve_list([argument])
        return arguments

    def _cast(self, cast: UnresolvedCast) -> Expression:
        child = self.resolve(cast.child)
        mode = CastMode(cast.mode) if cast.mode else self.analyzer.cast_mode
        return as_it_is(self.analyzer.checked_cast(child, cast.data_type, mode, cast.origin))

    def _udf(self, udf: UnresolvedPythonUDF) -> Expression:
        return self.analyzer.python_udf(udf, self.resolve_list(udf.arguments))

    def _window(self, window: UnresolvedWindow) -> Expression:
        if window.name is not None:
            window = self.analyzer.named_window(window)
        self._in_window = True
        try:
            function = self.resolve(window.function)
        finally:
            self._in_window = False
        order = tuple(as_sort_order(self.resolve(o)) for o in window.order)
        resolved = WindowExpression(
            function,
            tuple(self.resolve(p) for p in window.partition),
            order,
            window.frame_rows,
            self._bound(window.frame_lower, order),
            self._bound(window.frame_upper, order),
        )
        check_window(resolved)
        return resolved

    def _bound(
        self, bound: FrameBound | Expression, order: tuple[SortOrder, ...]
    ) -> FrameBound | Expression:
        if isinstance(bound, FrameBound):
            return bound
        distance = self.resolve(bound)
        if isinstance(distance, Literal):
            return distance
        if not distance.foldable:
            raise parse_error(
                "INVALID_SQL_SYNTAX.INVALID_WINDOW_FRAME_BOUND", getattr(distance, "origin", None)
            )
        return Literal(self.analyzer.constant(distance), distance.data_type)

    def _alias(self, alias: UnresolvedAlias) -> Expression:
        child = self.resolve(alias.child)
        if alias.name is None:
            if isinstance(child, Alias):
                return child
            return Alias(child, output_name(child, alias.child))
        metadata = None
        if alias.metadata:
            import json

            metadata = json.loads(alias.metadata)
        if isinstance(child, Alias):
            child = child.child
        return Alias(child, alias.name, metadata=metadata)

    def _extract_value(self, value: UnresolvedExtractValue) -> Expression:
        child, extraction = self.resolve(value.child), self.resolve(value.extraction)
        return extract(self, child, extraction, value.origin)

    def _update_field(self, update: UpdateField) -> Expression:
        struct = self.resolve(update.struct)
        value = None if update.value is None else self.resolve(update.value)
        return self._updated(struct, self.analyzer.name_parts(update.field_name), value)

    def _updated(
        self, struct: Expression, path: Sequence[str], value: Expression | None
    ) -> Expression:
        """Rebuild a struct with one field, perhaps a nested one, set or dropped."""
        data_type = struct.data_type
        if not isinstance(data_type, StructType):
            raise analysis_error(
                "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                sqlExpr=f'"update_fields({pretty(struct)})"',
                paramIndex="first",
                requiredType='"STRUCT"',
                inputSql=f'"{pretty(struct)}"',
                inputType=f'"{sql_name(data_type)}"',
            )
        fold = self.scope.fold
        wanted = fold(path[0])
        pieces: list[Expression] = []
        seen = False
        for name in data_type.fieldNames():
            current = self.field(struct, name)
            if fold(name) == wanted:
                seen = True
                if len(path) > 1:
                    current = self._updated(current, path[1:], value)
                elif value is None:
                    continue
                else:
                    current = value
                    name = path[0]
            pieces += [Literal(name, STRING), current]
        if not seen:
            if len(path) > 1:
                raise analysis_error(
                    "FIELD_NOT_FOUND",
                    fieldName=quoted([path[0]]),
                    fields=", ".join(quoted([name]) for name in data_type.fieldNames()),
                )
            if value is not None:
                pieces += [Literal(path[0], STRING), value]
        if not pieces:
            raise analysis_error(
                "DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS", sqlExpr=f'"{pretty(struct)}"'
            )
        rebuilt = self.call("named_struct", *pieces)
        if not struct.nullable:
            return rebuilt
        null = Literal(None, rebuilt.data_type)
        return self.call("if", self.call("isnull", struct), null, rebuilt)

    # Subqueries

    def _around(self) -> Scope:
        """Return the scope around a subquery: above an aggregate, its input's columns too."""
        below = None
        if self.below is not None:
            below = replace(self.below, outer=self.scope.outer, lifted=self.lifted)
        return self.scope if below is None else replace(self.scope, outer=below)

    def _of_outer(self, aggregate: Expression) -> Expression:
        """Return an aggregate, or where it reads only an outer query's columns, that query's."""
        if not isinstance(aggregate, AggregateExpression):
            return aggregate
        read = {a.expression_id for a in aggregate.references()}
        if not read or read & {a.expression_id for a in self.scope.attributes}:
            return aggregate
        outer = self.scope.outer
        while outer is not None:
            if outer.lifted is not None and read <= {a.expression_id for a in outer.attributes}:
                known = {alias.child: alias for alias in outer.lifted}
                alias = known.get(aggregate) or Alias(aggregate, pretty(aggregate))
                if aggregate not in known:
                    outer.lifted.append(alias)
                return alias.to_attribute()
            outer = outer.outer
        return aggregate

    def _scalar_subquery(self, subquery: UnresolvedScalarSubquery) -> Expression:
        plan = self.analyzer.subquery(subquery.plan, self._around())
        if len(plan.output) != 1:
            raise analysis_error(
                "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN",
                number=str(len(plan.output)),
            )
        return ScalarSubquery(plan, subquery.origin)

    def _exists(self, subquery: UnresolvedExists) -> Expression:
        return Exists(self.analyzer.subquery(subquery.plan, self._around()))

    def _in_subquery(self, subquery: UnresolvedInSubquery) -> Expression:
        values = [self.resolve(value) for value in subquery.values]
        plan = self.analyzer.subquery(subquery.plan, self._around())
        if len(values) != len(plan.output):
            raise analysis_error(
                "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH",
                sqlExpr=f'"({", ".join(map(pretty, values))} IN (listquery()))"',
                leftLength=str(len(values)),
                rightLength=str(len(plan.output)),
                leftColumns=", ".join(f'"{pretty(v)}"' for v in values),
                rightColumns=", ".join(f'"{a.name}"' for a in plan.output),
            )
        ansi = self.analyzer.ansi
        targets = []
        for value, column in zip(values, plan.output, strict=True):
            target = common_type(value.data_type, column.data_type, ansi)
            if target is None:
                raise analysis_error(
                    "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH",
                    sqlExpr=f'"({", ".join(map(pretty, values))} IN (listquery()))"',
                    mismatchedColumns=f"{pretty(value)}:{sql_name(value.data_type)}, "
                    f"{column.name}:{sql_name(column.data_type)}",
                    leftType=", ".join(f'"{sql_name(v.data_type)}"' for v in values),
                    rightType=", ".join(f'"{sql_name(a.data_type)}"' for a in plan.output),
                )
            targets.append(target)
        return InSubquery(
            tuple(cast_to(v, t, ansi) for v, t in zip(values, targets, strict=True)),
            self.analyzer.cast_output(plan, targets),
            nullable=any(e.nullable for e in (*values, *plan.output)),
        )

    def _subquery_reference(self, reference: UnresolvedSubqueryReference) -> Expression:
        plan = self.analyzer.reference(reference.plan_id)
        match reference.subquery:
            case "scalar":
                return self._scalar_subquery(UnresolvedScalarSubquery(plan))
            case "exists":
                return self._exists(UnresolvedExists(plan))
            case _:
                return self._in_subquery(UnresolvedInSubquery(reference.values, plan))

    def _text(self, text: ExpressionText) -> Expression:
        return self.resolve(self.analyzer.parse_expression(text.text))

    def _data_type_text(self, text: DataTypeText) -> Expression:
        return Literal(None, parse_data_type(text.text))

    def _parameter(self, parameter: NamedParameter | OrdinalParameter) -> Expression:
        return self.resolve(self.analyzer.argument(parameter))

    def _sort_order(self, order: SortOrder) -> Expression:
        return replace(order, child=self.resolve(order.child))

    def _done(self, expression: Expression) -> Expression:
        return expression

    def _multi_alias(self, alias: MultiAlias) -> Expression:
        """Refuse several names where one value is wanted."""
        raise analysis_error(
            "MULTI_ALIAS_WITHOUT_GENERATOR",
            alias.origin,
            expr=f'"{pretty(self.resolve(alias.child))}"',
            names=", ".join(alias.names),
        )

    def _misplaced(self, columns: UnresolvedStar | UnresolvedRegex) -> Expression:
        raise misplaced(columns)


def id_of(expression: Expression) -> object:
    """Return what identifies an output column."""
    return getattr(expression, "expression_id", expression)


def output_name(expression: Expression, written: Expression | None = None) -> str:
    """Return the name Spark gives a column that has none.

    Args:
        expression: The resolved column.
        written: What the user wrote; a nested field written as a name is called by its last
            part.
    """
    if isinstance(written, UnresolvedAttribute) and (
        is_field(expression)
        or _is_call(expression, "get_map_value")
        or isinstance(expression, (AggregateExpression, Literal))
    ):
        return written.parts[-1]
    if isinstance(expression, Cast) and not expression.implicit:
        child = expression.child
        if isinstance(child, Attribute):
            return child.name
        if is_field(child):
            return pretty(child.children[1])
        return _extracted_name(child) or pretty(expression)
    return _extracted_name(expression) or pretty(expression)


def _extracted_name(expression: Expression) -> str | None:
    """Return the last name in the path of ``v:a.b[0]``, None for other expressions."""
    if isinstance(expression, Call) and expression.function.name == "semi_structured_extract":
        path = parse_path(constant_text(expression.arguments[1]) or "") or ()
        return next((step for step in reversed(path) if isinstance(step, str)), None)
    return None


def is_field(expression: Any) -> bool:
    """Whether an expression is the access to a struct's field."""
    return _is_call(expression, "get_struct_field", "get_array_struct_fields")


def _is_call(expression: Any, *names: str) -> bool:
    return isinstance(expression, Call) and expression.function.name in names


def as_sort_order(expression: Expression) -> SortOrder:
    """Return an ORDER BY key; a bare expression ascends, nulls first."""
    return expression if isinstance(expression, SortOrder) else SortOrder(expression)


#: Functions that may be called without parentheses, and Hive's name of one.
_NILADIC = {
    **{
        name: name
        for name in (
            "current_date", "current_timestamp", "current_user", "user", "session_user",
            "current_catalog", "current_database", "current_schema", "localtimestamp",
            "current_time", "current_timezone",
        )
    },
    "grouping__id": "grouping_id",
}  # fmt: skip

_HANDLERS: dict[type[Expression], Callable[[ExpressionResolver, Any], Expression]] = {
    UnresolvedAttribute: ExpressionResolver._attribute,
    UnresolvedLambdaVariable: ExpressionResolver._named_lambda_variable,
    UnresolvedFunction: ExpressionResolver._function,
    UnresolvedCast: ExpressionResolver._cast,
    UnresolvedAlias: ExpressionResolver._alias,
    UnresolvedExtractValue: ExpressionResolver._extract_value,
    UpdateField: ExpressionResolver._update_field,
    UnresolvedWindow: ExpressionResolver._window,
    UnresolvedScalarSubquery: ExpressionResolver._scalar_subquery,
    UnresolvedExists: ExpressionResolver._exists,
    UnresolvedInSubquery: ExpressionResolver._in_subquery,
    UnresolvedSubqueryReference: ExpressionResolver._subquery_reference,
    UnresolvedPythonUDF: ExpressionResolver._udf,
    ExpressionText: ExpressionResolver._text,
    DataTypeText: ExpressionResolver._data_type_text,
    NamedParameter: ExpressionResolver._parameter,
    OrdinalParameter: ExpressionResolver._parameter,
    SortOrder: ExpressionResolver._sort_order,
    MultiAlias: ExpressionResolver._multi_alias,
    UnresolvedStar: ExpressionResolver._misplaced,
    UnresolvedRegex: ExpressionResolver._misplaced,
    # What is resolved already stays as it is.
    Attribute: ExpressionResolver._done,
    Literal: ExpressionResolver._done,
    Call: ExpressionResolver._done,
    Alias: ExpressionResolver._done,
    Cast: ExpressionResolver._done,
    AggregateExpression: ExpressionResolver._done,
    WindowExpression: ExpressionResolver._done,
    LambdaVariable: ExpressionResolver._done,
    PythonUDF: ExpressionResolver._done,
}


def _edits(one: str, other: str) -> int:
    """Return how many letters to insert, remove and replace to make one name of another."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        above, row = row, [index]
        for column, another in enumerate(other, 1):
            replaced = above[column - 1] + (letter != another)
            row.append(min(replaced, 1 + above[column], 1 + row[-1]))
    return row[-1]
