"""The data dictionary of a market, in words."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from seglib.demo.market import Market
from seglib.demo.recipe import knowledge
from seglib.schema import Column, Table, contract

_TRUTH = {
    "segments": "the planted segment of each account",
    "parameters": "every planted number, per segment: rates, amounts, shares, survey opinions",
    "campaign_effects": "the true uplift in the probability of a conversion, per campaign and "
    "segment",
    "duplicates": "pairs of accounts that are one company",
    "dirt": "how many values of each kind were spoilt",
    "roles": "the planted buying role of each contact",
}

_SPECIAL = """\
- The companies, people, products and technologies are invented. Web domains end in the reserved
  `.example`; telephone numbers have the area code 000, which does not exist.
- Prospects never bought, so they have no orders, subscriptions, usage or tickets; customers from
  before the history have an earlier `created_date`. A former customer has left: it has no
  running contract and its orders stopped, after some months in which they were halved.
- Contracts that ended before the history are not here. Who judges how long contracts last must
  know that the older ones are survivors.
- A subscription renews once a year and can end only then. Some of those whose contract ends go
  on ordering.
- A won opportunity makes a prospect a customer on the day on which it closes. Deals that were
  still running on the last day have no outcome.
- Every campaign left out about a quarter of its audience at random (`held_out`). A conversion is
  a purchase of the campaign's offer within 60 days of the touch, by accounts of either group; each
  is also an order line of that day. The audience of some campaigns were customers, of others
  prospects, whose conversion is their first purchase.
- Scores of `need:` and `value:` items and of `satisfaction:overall` go from 1 to 7, those of
  `satisfaction:recommend` from 0 to 10. Some accounts answered twice.
- `share` in the links is rounded down, and small markets are left out: the shares of an account
  do not add up to 1.
- The findings in `research` are invented too. Nothing in them names a person; they are few, as
  interviews are, and none of them proves anything about a segment.
- Sales wrote of some customers in which group it would put them, in words of its own; four times
  out of five it is the planted group.
- A returned line has an `order_id` of its own, beginning with R."""


def readme(market: Market) -> str:
    """Write the README of a market: what it is, what is special, every table and column.

    Parameters
    ----------
    market
        The market.

    Returns
    -------
    str
        Markdown. The meaning of tables and columns comes from the data contract.

    Examples
    --------
    >>> from seglib.demo import generate_market
    >>> print(readme(generate_market(20)).splitlines()[0])
    # The demo market: Tarnwell Instruments
    """
    recipe = knowledge().recipe
    parts = [
        f"# The demo market: {recipe.company}",
        recipe.story,
        _summary(market),
        "## How it was made",
        _commands(market),
        "## What is special in it",
        _SPECIAL,
        "## Dirt",
        _dirt(market.truth["dirt"]),
        "## Tables",
        *(part for name in market.tables for part in _table(name, market.tables[name])),
        "## Truth",
        "The folder `truth` holds what was planted. An analysis must not read it; it is there to"
        " judge one.",
        "\n".join(f"- `truth/{name}.csv`: {_TRUTH[name]}." for name in market.truth),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(market: Market) -> str:
    accounts, settings = market.tables["accounts"], market.settings
    status = accounts["status"].value_counts()
    count = {name: int(status.get(name, 0)) for name in ("customer", "prospect", "former")}
    return (
        f"{len(accounts):,} accounts: {count['customer']:,} customers, {count['former']:,} former"
        f" customers and {count['prospect']:,} prospects. The history covers"
        f" {settings['months']} months and ends on {settings['as_of'].isoformat()}; nothing lies"
        " after that day. The accounts belong to"
        f" {market.truth['segments']['segment'].nunique()} planted segments of unequal size that"
        " differ in needs, behaviour, value, season, buying group and response to campaigns, and"
        " only a little in firmographics."
    )


def _commands(market: Market) -> str:
    settings = market.settings
    flags = " ".join(
        f"--{name} {settings[name]}" for name in ("accounts", "seed", "difficulty", "dirt")
    )
    day = settings["as_of"]
    call = (
        f"generate_market({settings['accounts']}, seed={settings['seed']},"
        f" difficulty={settings['difficulty']}, dirt={settings['dirt']},"
        f" as_of=date({day.year}, {day.month}, {day.day}), months={settings['months']})"
    )
    return (
        f"```\nseglib demo DIR {flags}\n```\n\n"
        f"or in Python, where the last day and the length can be chosen too:\n\n"
        "```python\nfrom datetime import date\n\n"
        "from seglib.demo import generate_market, write_market\n\n"
        f'write_market({call}, "DIR")\n```\n\n'
        "The same arguments give the same files, byte for byte."
    )


def _dirt(dirt: pd.DataFrame) -> str:
    if not dirt["count"].sum():
        return "None: this market is clean."
    total = dirt.groupby("kind", sort=False)["count"].sum()
    listed = "\n".join(f"- {kind}: {count:,}" for kind, count in total[total > 0].items())
    return f"What was spoilt on purpose (`truth/dirt.csv` says where):\n\n{listed}"


def _table(name: str, rows: pd.DataFrame) -> Iterator[str]:
    table: Table = contract()[name]
    yield f"### {name}"
    yield f"{table.meaning} {len(rows):,} rows."
    lines = [
        f"| `{column}` | {about.meaning} | {_kind(about)} | {_filled(rows[column])} |"
        for column, about in table.columns.items()
    ]
    yield "\n".join(["| column | meaning | what it holds | filled |", "|---|---|---|---|", *lines])


def _kind(column: Column) -> str:
    parts: list[str] = [column.type]
    parts += [f"in {_currency(column.unit)}"] if column.unit else []
    parts += [" / ".join(column.levels)] if column.levels else []
    parts += [f"one of `{column.link}`"] if column.link else []
    parts += ["personal"] if column.personal else []
    return ", ".join(parts)


def _currency(unit: str) -> str:
    return unit.replace("money", knowledge().recipe.currency)


def _filled(values: pd.Series) -> str:
    if not len(values):
        return "–"
    return f"{int(values.notna().mean() * 100)} %"
