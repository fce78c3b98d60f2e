"""Codegen: a stage's narrow operators become one Python loop.

In the order of use:

    operators    the vocabulary: Operator, Sink and their kinds, EMPTY
    callee       how one user function is applied: called, or written out in place
    loop         the loop itself, as a syntax tree
    fuse         the door: operators and sink to a function, compiled once per shape
"""

from pyrite.core.codegen.fuse import fuse
from pyrite.core.codegen.operators import EMPTY, Empty, Operator, OperatorKind, Sink, SinkKind

__all__ = ["EMPTY", "Empty", "Operator", "OperatorKind", "Sink", "SinkKind", "fuse"]
