"""Codegen: a stage's narrow operators become one Python loop.

In the order of use:

    operators    the vocabulary: Operator, Sink and their kinds, EMPTY
    opcodes      what one instruction does to a stack of syntax trees
    decompile    bytecode of a one-expression function to its expression, proven or refused
    callee       how one user function is applied: called, or written out in place
    loop         the loop itself, as a syntax tree
    fuse         the door: operators and sink to a function, compiled once per shape
    failure      a failure of the user's code, told in the user's own lines
"""

from pyrite.core.codegen.callee import is_addition, keeps_first
from pyrite.core.codegen.failure import UserFailure, explain_failure
from pyrite.core.codegen.fuse import fuse
from pyrite.core.codegen.operators import EMPTY, Empty, Operator, OperatorKind, Sink, SinkKind

__all__ = [
    "EMPTY",
    "Empty",
    "Operator",
    "OperatorKind",
    "Sink",
    "SinkKind",
    "UserFailure",
    "explain_failure",
    "fuse",
    "is_addition",
    "keeps_first",
]
