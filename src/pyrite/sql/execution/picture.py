"""The stage that draws rows for ``show`` and for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.conf import SESSION_TIME_ZONE
from pyrite.sql.execution.expression_sql import column_name
from pyrite.sql.execution.show import html_string, show_string
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.plans.plan import Limit, Picture, PictureForm
from pyrite.sql.types import INTEGER, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.stage import StageContext

__all__ = ["draw"]


def draw(context: StageContext, picture: Picture) -> pa.Table:
    """Run the child for the rows that are drawn, and draw them."""
    import pyarrow as pa

    # One row more tells whether there are more rows than are drawn.
    first = Limit(Literal(max(picture.num_rows, 0) + 1, INTEGER), picture.child)
    schema = first.schema
    time_zone = context.session.conf.read(SESSION_TIME_ZONE)
    table = pa.Table.from_batches(context.batches(first), to_arrow_schema(schema))
    if picture.form is PictureForm.HTML:
        text = html_string(table, schema, picture.num_rows, picture.truncate, time_zone)
    else:
        vertical = picture.form is PictureForm.VERTICAL
        text = show_string(table, schema, picture.num_rows, picture.truncate, vertical, time_zone)
    return pa.table({column_name(picture.attributes[0]): [text]})
