"""Columns that a user's table does not have but can be made to have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_QUANTITY = {"quantity", "qty", "orderquantity", "menge", "anzahl", "quantite", "cantidad"}
_PRICE = {
    "unitprice", "price", "priceeach", "einzelpreis", "stueckpreis", "preis", "prixunitaire",
    "prix", "preciounitario", "precio",
}  # fmt: skip


@dataclass(frozen=True)
class Derived:
    """How a missing contract column can be made.

    Attributes
    ----------
    column
        Contract column.
    line
        Its mapping as YAML.
    reason
        Why.
    sql
        The query that the table then needs; empty when a mapping is enough.
    """

    column: str
    line: str
    reason: str
    sql: str = ""


def priced(columns: Sequence[str]) -> tuple[str, str] | None:
    """Find the columns of a quantity and of a price per unit.

    Examples
    --------
    >>> priced(["Menge", "Einzelpreis", "Datum"])
    ('Menge', 'Einzelpreis')
    """
    plain = {re.sub(r"[^a-z]", "", c.lower().replace("ü", "ue")): c for c in columns}
    quantity = next((c for p, c in plain.items() if p in _QUANTITY), None)
    price = next((c for p, c in plain.items() if p in _PRICE), None)
    return (quantity, price) if quantity and price else None


_DISCOUNT = {"discount", "rabatt", "remise", "descuento", "sconto"}


@dataclass(frozen=True)
class Lines:
    """A table of order lines that has what the table of orders lacks: quantities and prices.

    Attributes
    ----------
    columns
        Columns of the two tables, joined.
    sql
        The query that joins them; the amount is its column ``seglib_amount``.
    reason
        Why, and what the amount is made of.
    question
        What the user must decide about the discount; empty where nothing is open.
    """

    columns: tuple[str, ...]
    sql: str
    reason: str
    question: str = ""


def order_lines(
    orders: str, key: str, tables: Mapping[str, Sequence[str]], largest: Callable[[str, str], float]
) -> Lines | None:
    """Find the table of the lines of an order table that has no amounts.

    Parameters
    ----------
    orders, key
        The user's table of orders, and its column that numbers them.
    tables
        The user's tables and their columns.
    largest
        Largest number in a column of a table: tells a discount in shares from one in money.
    """
    for name, columns in tables.items():
        pair = priced(columns)
        if name == orders or key not in columns or pair is None:
            continue
        quantity, price = pair
        factors = [f'CAST(l."{c}" AS DOUBLE PRECISION)' for c in (price, quantity)]
        made, question = f"'{quantity}' × '{price}'", ""
        off = next((c for c in columns if re.sub(r"[^a-z]", "", c.lower()) in _DISCOUNT), None)
        if off is not None and largest(name, off) <= 1:
            factors.append(f'(1 - COALESCE(CAST(l."{off}" AS DOUBLE PRECISION), 0))')
            made += f" × (1 − '{off}')"
        elif off is not None:
            question = (
                f"Is '{off}' of '{name}' money or per cent? It is not taken off the amount yet: "
                "change 'seglib_amount' in the query."
            )
        own = [c for c in columns if c not in tables[orders]]
        chosen = ", ".join(["o.*", *(f'l."{c}"' for c in own)])
        sql = (
            f"SELECT {chosen}, {' * '.join(factors)} AS seglib_amount "
            f'FROM "{name}" AS l LEFT JOIN "{orders}" AS o ON o."{key}" = l."{key}"'
        )
        reason = f"{made} of '{name}', joined by '{key}'"
        return Lines((*tables[orders], *own), sql, reason, question)
    return None


def derive(origin: str, columns: Sequence[str], found: set[str]) -> list[Derived]:
    """Propose how an order table gets its amount and its order number.

    Parameters
    ----------
    origin, columns
        The user's table.
    found
        Contract columns of ``orders`` that its names give already.
    """
    if not {"account_id", "order_date"} <= found:
        return []
    made = []
    if "amount" not in found and (pair := priced(columns)):
        quantity, price = (f'"{name}"' for name in pair)
        product = f"CAST({quantity} AS DOUBLE PRECISION) * CAST({price} AS DOUBLE PRECISION)"
        sql = f'SELECT *, {product} AS seglib_amount FROM "{origin}"'
        why = f"'{pair[0]}' × '{pair[1]}': no column is the amount of the line"
        made.append(Derived("amount", "seglib_amount", why, sql))
    if "order_id" not in found and ("amount" in found or made):
        why = "no column numbers the orders: each row is taken as one"
        made.append(Derived("order_id", "{row_number: true}", why))
    return made
