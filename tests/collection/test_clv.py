"""Published numbers reproduced, planted parameters recovered, forecasts better than guesses."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.collection import collected
from seglib.collection.value import (
    BgNbd,
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_shifted_beta_geometric,
    judge,
    normalised_gini,
    top_decile_share,
)
from seglib.collection.value.lifetime import lifetime_value
from seglib.study import Study


@pytest.mark.parametrize(
    ("survival", "alpha", "beta"),
    [
        ([1, 0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241], 0.704, 1.182),
        ([1, 0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491], 0.668, 3.806),
    ],
)
def test_shifted_beta_geometric_reproduces_fader_and_hardie(survival, alpha, beta):
    """METHODS.md section 6: two segments, a thousand customers, seven renewals."""
    left = np.round(1000 * np.array(survival)).astype(int)
    lost = -np.diff(left)
    renewals = np.repeat(np.arange(1, 8), lost).tolist() + [7] * left[-1]
    ended = [True] * lost.sum() + [False] * left[-1]
    model = fit_shifted_beta_geometric(renewals, ended)
    assert (round(model.alpha, 3), round(model.beta, 3)) == (alpha, beta)
    assert model.survival(range(1, 8)) == pytest.approx(survival[1:], abs=0.03)


def simulated(n=4000, r=0.8, alpha=6.0, a=0.6, b=3.0, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.uniform(12, 36, n)
    rate, leave = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, t_x, later = np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(n):
        time = 0.0
        while True:
            time += rng.exponential(1 / rate[i])
            if time > age[i] + 12:
                break
            if time <= age[i]:
                x[i], t_x[i] = x[i] + 1, time
            else:
                later[i] += 1
            if rng.random() < leave[i]:
                break
    return x, t_x, age, later


def test_bg_nbd_recovers_what_was_planted_and_foretells():
    x, t_x, age, later = simulated()
    model = fit_bg_nbd(x, t_x, age)
    assert [model.r, model.alpha] == pytest.approx([0.8, 6.0], rel=0.2)
    assert model.a / (model.a + model.b) == pytest.approx(0.6 / 3.6, rel=0.25)
    expected = model.purchases(x, t_x, age, 12.0)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.06)
    naive = judge(12 * x / age, later)["spearman"]
    assert judge(expected, later)["spearman"] > naive


def test_bg_nbd_does_not_depend_on_the_unit_of_time():
    x, t_x, age, _ = simulated(800)
    months, days = fit_bg_nbd(x, t_x, age), fit_bg_nbd(x, 30 * t_x, 30 * age)
    assert days.purchases(x, 30 * t_x, 30 * age, 360.0) == pytest.approx(
        months.purchases(x, t_x, age, 12.0), rel=1e-3
    )


def test_recent_customers_are_more_likely_to_stay():
    model = BgNbd(0.8, 6.0, 0.6, 3.0)
    chance = model.alive(np.full(3, 4.0), np.array([5.0, 15, 23]), np.full(3, 24.0))
    assert (np.diff(chance) > 0).all()
    assert ((chance > 0) & (chance < 1)).all()


def test_customers_who_buy_like_clockwork_get_a_number():
    """More even than Poisson: the likelihood rises without end, the forecast does not."""
    rng = np.random.default_rng(3)
    age = np.full(400, 24.0)
    x = np.floor(age / 3) - rng.integers(0, 2, 400)
    model = fit_bg_nbd(x, 3.0 * x, age)
    expected = model.purchases(x, 3.0 * x, age, 12.0)
    assert np.isfinite(expected).all()
    assert np.median(expected) == pytest.approx(4.0, rel=0.15)


def ordered(scale, folder):
    """Three years of orders: each account keeps its size, and the large ones order more often."""
    rng, rows = np.random.default_rng(5), []
    for account in range(200):
        size = 10.0 ** rng.uniform(0, scale)
        every = 40 if size > 100 else 80
        days = np.cumsum(rng.exponential(every, 60))
        rows += [(account, int(d), size * rng.uniform(0.9, 1.1)) for d in days if d < 1095]
    frame = pd.DataFrame(rows, columns=["account_id", "day", "amount"])
    frame["order_date"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(frame["day"], unit="D")
    frame["order_id"] = np.arange(len(frame))
    frame.drop(columns="day").to_csv(folder / "orders.csv", index=False)
    study = Study(name="s", as_of="2025-12-31", source=str(folder))
    with collected(study) as tables:
        return lifetime_value(tables), frame.groupby("account_id")["amount"].sum()


def test_lifetime_value_follows_what_accounts_spend(tmp_path):
    worth, spent = ordered(4, tmp_path)
    value = worth.value.set_axis(worth.value.index.astype(int)).sort_index()
    assert np.isfinite(value).all()
    assert np.corrcoef(np.log(value + 1), np.log(spent + 1))[0, 1] > 0.9
    assert worth.holdout["model"].tolist() == [
        "BG/NBD + Gamma-Gamma", "BG/NBD, own mean order", "the year before, repeated",
    ]  # fmt: skip


def test_gamma_gamma_recovers_the_mean_value():
    rng = np.random.default_rng(1)
    p, q, gamma = 6.0, 4.0, 15.0
    nu = rng.gamma(q, 1 / gamma, 20_000)
    count = rng.integers(1, 12, len(nu)).astype(float)
    mean = rng.gamma(p * count, 1 / (nu * count))  # of so many gamma draws
    model = fit_gamma_gamma(count, mean)
    assert [model.p, model.q] == pytest.approx([p, q], rel=0.15)
    true = p / nu
    shrunk = model.mean_value(count, mean)
    assert np.mean((np.log(shrunk) - np.log(true)) ** 2) < np.mean(
        (np.log(mean) - np.log(true)) ** 2
    )


@given(st.lists(st.floats(0, 100), min_size=3, max_size=40))
def test_judgement_is_bounded(values):
    actual = np.array(values)
    gini = normalised_gini(np.arange(len(actual), dtype=float), actual)
    assert np.isnan(gini) or -1 - 1e-9 <= gini <= 1 + 1e-9
    share = top_decile_share(actual, actual)
    assert np.isnan(share) or 0 <= share <= 1 + 1e-9
