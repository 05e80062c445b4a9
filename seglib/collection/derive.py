"""Columns that a user's table does not have but can be made to have."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
