"""Sums that do not depend on the order in which an engine happens to add.

A parallel sum of floating-point numbers gives other last digits at every run. Here each number is
first rounded to a grid that is finer than its own last digit or nearly so (fifteen digits behind
the point for values up to a thousand, fewer for larger ones) and added as a whole number, which is
exact. Means and standard
deviations are made of such sums.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.operations as ops

if TYPE_CHECKING:
    import ibis.expr.types as ir

_LARGEST = 2.0**62
_FINEST = 15
_ENDS = ("low", "high")
_WIDE = ("duckdb", "postgres")  # they add 64-bit numbers in a wider type, so that no sum overflows


def exact_sums(rows: ir.Table, values: Mapping[str, Any], engine: str) -> dict[str, Any]:
    """Rewrite aggregates so that their sums, means and standard deviations are reproducible.

    Parameters
    ----------
    rows
        The table whose rows are aggregated.
    values
        Name to Ibis aggregate.
    engine
        Name of the Ibis backend.

    Returns
    -------
    dict of str to ibis.Value
        The same aggregates; those over whole numbers are left as they are.
    """
    found = [n for v in values.values() for n in v.op().find(_inexact, filter=_not_relation)]
    summands = {s: f"s{n}" for n, s in enumerate(dict.fromkeys(_summands(found)))}
    if not summands:
        return dict(values)
    digits = dict.fromkeys(summands, 0)
    unsure = {s: _bound(s) for s in summands if not _whole(s)}
    if unsure:
        names = {bound: f"b{n}" for n, bound in enumerate(dict.fromkeys(unsure.values()))}
        ends = {f"{name}_high": _expr(b).max() for b, name in names.items()}
        ends |= {f"{name}_low": _expr(b).min() for b, name in names.items()}
        row = rows.aggregate(**ends).to_pandas().iloc[0]
        digits |= {s: _digits(*(row[f"{names[b]}_{e}"] for e in _ENDS)) for s, b in unsure.items()}

    def add(summand: ops.Value) -> Any:
        return _add(_expr(summand), digits[summand], engine)

    rewritten = {node: _rewritten(node, add).op() for node in found}
    return {name: value.op().replace(rewritten).to_expr() for name, value in values.items()}


def _inexact(node: Any) -> bool:
    """Whether an operation adds floating-point numbers that are not whole by making."""
    kinds = (ops.Sum, ops.Mean, ops.StandardDev)
    if not isinstance(node, kinds) or not node.arg.dtype.is_floating():
        return False
    return not _whole(node.arg) or isinstance(node, ops.StandardDev)


def _whole(node: Any) -> bool:
    """Whether values are whole by making: cast from counts or days, or products of such."""
    if isinstance(node, ops.Multiply):
        return _whole(node.left) and _whole(node.right)
    if isinstance(node, ops.Field) and isinstance(node.rel, ops.Project):
        return _whole(node.rel.values[node.name])
    return isinstance(node, ops.Cast) and (
        node.arg.dtype.is_boolean() or node.arg.dtype.is_integer()
    )


def _not_relation(node: Any) -> bool:
    return not isinstance(node, ops.Relation)


def _summands(nodes: list[Any]) -> list[Any]:
    found = []
    for node in nodes:
        value = _value(node)
        found.append(value.op())
        if isinstance(node, ops.StandardDev):
            found.append((value * value).op())
    return found


def _value(node: Any) -> Any:
    value = _expr(node.arg)
    if node.where is None:
        return value
    return ibis.ifelse(_expr(node.where), value, ibis.null("float64"))


def _expr(node: Any) -> Any:
    return node.to_expr()


def _bound(node: Any) -> Any:
    """What is at least as large as the values: a part of a column is bounded by all of it.

    The smallest and the largest value of a plain column often stand in a file's footer.
    """
    otherwise = node.false_null_expr if isinstance(node, ops.IfElse) else None
    while isinstance(otherwise, ops.Cast):
        otherwise = otherwise.arg
    if isinstance(otherwise, ops.Literal) and not otherwise.value:
        return _bound(node.true_expr)
    return node


def _digits(low: Any, high: Any) -> int:
    """Digits behind the point that fit into 63 bits beside the value farthest from zero."""
    ends = [abs(float(v)) for v in (low, high) if v is not None and v == v]
    if not any(ends):
        return _FINEST
    return min(_FINEST, math.floor(math.log10(_LARGEST / max(ends))))


def _add(value: Any, digits: int, engine: str) -> Any:
    if engine in _WIDE:
        whole = (value * 10.0**digits).round().cast("int64").sum().cast("float64")
        return whole / 10.0**digits if digits >= 0 else whole * 10.0**-digits
    return value.cast("decimal(38, 15)").sum().cast("float64")


def _rewritten(node: Any, add: Any) -> Any:
    value = _value(node)
    total = add(value.op())
    if isinstance(node, ops.Sum):
        return total
    count = value.count().cast("float64")
    if isinstance(node, ops.Mean):
        return total / count.nullif(0.0)
    squares = ibis.greatest(add((value * value).op()) - total * total / count.nullif(0.0), 0.0)
    freedom = count - 1.0 if node.how == "sample" else count
    return (squares / freedom.nullif(0.0)).sqrt()
