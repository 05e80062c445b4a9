"""Customer lifetime value of each account, by the model that its data call for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from seglib.collection.findings import Finding
from seglib.collection.value.bg_nbd import fit_bg_nbd
from seglib.collection.value.gamma_gamma import fit_gamma_gamma
from seglib.collection.value.judge import judge
from seglib.collection.value.shifted_beta_geometric import fit_shifted_beta_geometric
from seglib.errors import DataError

if TYPE_CHECKING:
    from seglib.collection.collect import Tables

Floats = NDArray[np.float64]

HORIZON = 36
"""Months looked ahead."""

DISCOUNT = 0.1
"""Yearly rate at which later money counts less."""

_DAYS_PER_MONTH = 365.25 / 12
_STEP = 3  # months between the points at which expected orders are discounted
_HOLDOUT = 12  # months
_FEWEST = 50
_MOST_FITTED = 20_000
_DEPENDENT = 0.3
_CLEARLY = 0.02  # of the Gini coefficient
_DIGITS = 4  # engines add in different orders; beyond these digits their sums differ
_CONTRACT = ("account_id", "start_date", "monthly_fee")
_MODELS = {
    "gamma_gamma": "BG/NBD + Gamma-Gamma",
    "own_mean": "BG/NBD, own mean order",
    "renewal": "shifted-beta-geometric",
    "naive": "the year before, repeated",
}
_JUDGED = ["model", "accounts", "spearman", "gini", "top_decile_share", "ratio"]


@dataclass(frozen=True)
class LifetimeValue:
    """What accounts will bring.

    Attributes
    ----------
    value
        Account to value, in money; an account without orders and contracts is not in it.
    holdout
        How well the models foretell the last year, beside the guess that nothing changes:
        ``model``, ``accounts``, ``spearman``, normalised ``gini``, ``top_decile_share``, ``ratio``.
    findings
        Lines for the quality table.
    """

    value: pd.Series
    holdout: pd.DataFrame
    findings: tuple[Finding, ...]


def lifetime_value(tables: Tables) -> LifetimeValue:
    """Foretell what each account brings in the next 36 months, discounted at 10 % a year.

    Parameters
    ----------
    tables
        The cleaned tables: orders, contracts (``subscriptions`` with fees), or both.

    Returns
    -------
    LifetimeValue

    Notes
    -----
    Contracts end at a yearly renewal: shifted-beta-geometric. Orders without a contract:
    BG/NBD for their number (order days, for two orders of a day are one decision) and Gamma-Gamma
    for their value, or the account's own mean where that ranks the accounts of the left-out year
    better (the Gamma-Gamma model supposes that value and number of orders are independent, and
    where it does not hold it draws all accounts to one mean). An account with both has the sum.
    The engine makes one row per account; the
    models are fitted on it, above 20,000 rows on every so many. Judged by leaving out the last 12
    months, where there are 24.
    """
    parts: list[pd.Series] = []
    judged: list[dict[str, object]] = []
    findings: list[Finding] = []
    for has, needs, forecast in (
        ("orders", ("order_date", "amount"), _orders),
        ("subscriptions", ("start_date", "monthly_fee"), _contracts),
    ):
        if not tables.has(has, *needs):
            continue
        now, found = forecast(tables, tables.as_of, HORIZON, DISCOUNT)
        findings += found
        if now is not None:
            rows = _held_out(tables, forecast)
            judged, findings = judged + rows, [*findings, *_no_better(rows)]
            parts.append(now[_best(now, rows)])
    value = pd.concat(parts).groupby(level=0).sum() if parts else pd.Series(dtype="float64")
    return LifetimeValue(value.round(2), pd.DataFrame(judged, columns=_JUDGED), tuple(findings))


def _held_out(tables: Tables, forecast: object) -> list[dict[str, object]]:
    """Foretell the last year from what was known before it, and compare."""
    cut = tables.as_of - pd.DateOffset(months=_HOLDOUT)
    known, _ = forecast(tables, cut, _HOLDOUT, 0.0)  # type: ignore[operator]
    if known is None:
        return []
    what = _spent if forecast is _orders else _paid
    actual = what(tables, cut, tables.as_of).reindex(known.index, fill_value=0.0).to_numpy()
    return [
        {"model": _MODELS[column], "accounts": len(known), **judge(values, actual)}
        for column, values in ((c, known[c].to_numpy(dtype=float)) for c in known.columns)
    ]


def _best(now: pd.DataFrame, rows: list[dict[str, object]]) -> str:
    """The first model's column, unless another ranked the left-out year clearly better."""
    first, *others = (column for column in now.columns if column != "naive")
    gini = {str(row["model"]): float(row["gini"]) for row in rows}  # type: ignore[arg-type]
    better = [c for c in others if rows and gini[_MODELS[c]] > gini[_MODELS[first]] + _CLEARLY]
    return better[0] if better else first


def _no_better(rows: list[dict[str, object]]) -> list[Finding]:
    """Say so where the plain guess that nothing changes ranks the accounts better."""
    if not rows:
        return []
    *models, plain = pd.DataFrame(rows).to_dict("records")
    model = max(models, key=lambda row: row["gini"])
    if not model["gini"] < plain["gini"] - _CLEARLY:
        return []
    words = (
        f"over the last 12 months {plain['model']} ranked the accounts better (Gini "
        f"{plain['gini']:.2f}) than {model['model']} ({model['gini']:.2f}): read the lifetime "
        "value of a single account with care."
    )
    return [Finding("warn", "clv-no-better", "accounts", "clv", int(model["accounts"]), words)]


def _orders(
    tables: Tables, day: pd.Timestamp, months: int, discount: float
) -> tuple[pd.DataFrame | None, list[Finding]]:
    """Expected value of the orders of the months ahead, one row per account that ordered."""
    history = _order_history(tables, day)
    x = history["days"].to_numpy(dtype=float) - 1
    t_x, age = (history[c].to_numpy(dtype=float) / _DAYS_PER_MONTH for c in ("span", "age"))
    mean = history["amount"].to_numpy(dtype=float) / np.maximum(x + 1, 1)
    paying = mean > 0
    if int(((x > 0) & paying).sum()) < _FEWEST:
        words = f"fewer than {_FEWEST} accounts ordered twice; no order value is foretold."
        return None, [Finding("warn", "clv-too-few", "orders", "", len(history), words)]
    some = _every(np.flatnonzero(paying))
    try:
        counts = fit_bg_nbd(x[some], t_x[some], age[some])
        worth = fit_gamma_gamma(x[some] + 1, mean[some])
    except DataError as error:
        return None, [Finding("warn", "clv-no-fit", "orders", "", len(history), str(error))]
    points = [*range(0, months, _STEP), months]
    made = np.stack([counts.purchases(x, t_x, age, float(ahead)) for ahead in points])
    weights = (1 + discount) ** (-(np.array(points[1:]) + np.array(points[:-1])) / 24)
    orders = (np.diff(made, axis=0) * weights[:, None]).sum(axis=0)
    shrunk = np.where(paying, orders * worth.mean_value(x + 1, np.maximum(mean, 1e-9)), 0.0)
    own = orders * np.maximum(mean, 0.0)
    if not np.isfinite(shrunk).all():
        words = "the model of ordering gives no number for some accounts; nothing is foretold."
        return None, [Finding("warn", "clv-no-fit", "orders", "", len(history), words)]
    naive = _spent(tables, day - pd.DateOffset(months=12), day).reindex(history.index).fillna(0.0)
    made_of = {"gamma_gamma": shrunk, "own_mean": own, "naive": naive}
    frame = pd.DataFrame(made_of, index=history.index)
    return frame, _independence(x[paying & (x > 0)], mean[paying & (x > 0)])


def _independence(x: Floats, mean: Floats) -> list[Finding]:
    rho = float(spearmanr(x, mean).statistic) if len(x) > 2 and np.ptp(x) and np.ptp(mean) else 0.0
    if abs(rho) < _DEPENDENT:
        words = f"number and value of orders are nearly independent (ρ = {rho:.2f})."
        return [Finding("pass", "clv-independence", "accounts", "clv", len(x), words)]
    more = "more" if rho > 0 else "less"
    words = f"who orders often spends {more} an order (ρ = {rho:.2f}): the Gamma-Gamma model "
    words += "supposes independence, so values at both ends are off."
    return [Finding("warn", "clv-independence", "accounts", "clv", len(x), words)]


def _order_history(tables: Tables, day: pd.Timestamp) -> pd.DataFrame:
    """Order days, days from first to last and from first to the day, amount: from the engine."""
    rows = tables.tables["orders"]
    rows = rows.filter(rows.order_date <= ibis.literal(day.date()))
    daily = rows.group_by(["account_id", "order_date"]).aggregate(amount=rows.amount.sum())
    first, last = daily.order_date.min(), daily.order_date.max()
    made = daily.group_by("account_id").aggregate(
        days=daily.count(), first=first, last=last, amount=daily.amount.sum()
    )
    frame = made.to_pandas().set_index("account_id").sort_index()
    begun = pd.to_datetime(frame["first"])
    return frame.assign(
        amount=frame["amount"].round(_DIGITS),
        span=(pd.to_datetime(frame["last"]) - begun).dt.days,
        age=(day - begun).dt.days,
    )


def _spent(tables: Tables, after: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    rows = tables.tables["orders"]
    inside = (rows.order_date > ibis.literal(after.date())) & (
        rows.order_date <= ibis.literal(until.date())
    )
    rows = rows.filter(inside)
    frame = rows.group_by("account_id").aggregate(amount=rows.amount.sum()).to_pandas()
    return frame.set_index("account_id")["amount"].astype("float64").round(_DIGITS)


def _contracts(
    tables: Tables, day: pd.Timestamp, months: int, discount: float
) -> tuple[pd.DataFrame | None, list[Finding]]:
    """Expected fees of the months ahead, one row per account with a running contract."""
    frame = _contract_history(tables, day)
    lasted = np.floor(frame["months"].to_numpy() / 12)
    ended = frame["ended"].to_numpy(dtype=bool)
    if int(ended.sum()) < 10 or len(frame) < _FEWEST:
        words = "fewer than 50 contracts or 10 ends of one; no fee is foretold."
        return None, [Finding("warn", "clv-too-few", "subscriptions", "", len(frame), words)]
    renewal = np.where(ended, np.maximum(np.round(frame["months"].to_numpy() / 12), 1), lasted)
    model = fit_shifted_beta_geometric(renewal, ended)
    running = frame[~ended]
    left = model.months_left(
        running["months"].to_numpy(dtype=float), horizon=months, discount=discount
    )
    fee = running["monthly_fee"].fillna(0.0).to_numpy(dtype=float)
    value = pd.DataFrame({"renewal": fee * left, "naive": 12 * fee}, index=running["account_id"])
    words = f"contracts are renewed {model.survival(1)[()]:.0%} of the first time "
    words += f"(α = {model.alpha:.2f}, β = {model.beta:.2f})."
    found = Finding("pass", "clv-renewal", "accounts", "clv", len(frame), words)
    return value.groupby(level=0).sum(), [found]


def _contract_history(tables: Tables, day: pd.Timestamp) -> pd.DataFrame:
    """Contracts begun by a day, how many months they lasted and whether they had ended by then."""
    rows = tables.tables["subscriptions"]
    rows = rows.filter(rows.start_date <= ibis.literal(day.date()))
    wanted = [c for c in (*_CONTRACT, "end_date") if c in rows.columns]
    frame = rows.select(*wanted).to_pandas()
    never = pd.Series(pd.NaT, index=frame.index)
    end = pd.to_datetime(frame.get("end_date", never))
    ended = (end <= day).to_numpy()
    last = end.where(ended, day)
    months = (last - pd.to_datetime(frame["start_date"])).dt.days / _DAYS_PER_MONTH
    frame = frame.assign(ended=ended, months=months, order_=pd.to_datetime(frame["start_date"]))
    return frame.sort_values(["account_id", "order_", "months"], ignore_index=True)


def _paid(tables: Tables, after: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """Fees of the contracts that ran on the first day, until they ended or the last day."""
    before, later = _contract_history(tables, after), _contract_history(tables, until)
    key = list(_CONTRACT)
    both = before.loc[~before["ended"], [*key, "months"]].merge(
        later.drop_duplicates(key)[[*key, "months"]], on=key, suffixes=("", "_later")
    )
    paid = both["monthly_fee"] * (both["months_later"] - both["months"])
    return paid.groupby(both["account_id"]).sum().astype("float64")


def _every(places: NDArray[np.intp]) -> NDArray[np.intp]:
    return places[:: max(1, -(-len(places) // _MOST_FITTED))]
