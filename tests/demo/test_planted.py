"""The planted segments are found from needs and behaviour, and not from firmographics."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from seglib.demo import Market, generate_market
from seglib.demo.planted import mean_shares, plant, separation
from seglib.demo.recipe import knowledge

ACCOUNTS, SEEDS = 800, (7, 8)


def needs(market: Market) -> pd.DataFrame:
    """Mean score of each need and value an account was asked about."""
    answers = market.tables["surveys"].query("~item.str.startswith('satisfaction')")
    scores = answers.pivot_table(index="account_id", columns="item", values="score")
    return scores.fillna(scores.mean())


def behaviour(market: Market) -> pd.DataFrame:
    """Rates on a log scale and root shares of each account with three orders or more."""
    lines = market.tables["orders"].query("status == 'completed' and quantity > 0")
    account = lines.groupby("account_id")
    count, amount = account["order_id"].nunique(), account["amount"].sum()
    months = (lines["order_date"].max() - account["order_date"].min()).dt.days / 30.4 + 1
    frame = pd.DataFrame(
        {
            "rate": np.log(count / months),
            "lines": np.log(account.size() / count),
            "amount": np.log(amount / count),
            "margin": 1 - account["cost"].sum() / amount,
        }
    )
    events = market.tables["engagements"]
    mixes = [
        np.sqrt(pd.crosstab(table["account_id"], table[column], normalize="index"))
        for table, column in (
            (lines, "product_category"),
            (lines, "channel"),
            (events, "topic"),
        )
    ]
    counts = [
        np.log1p(events.groupby("account_id").size()).rename("events"),
        np.log1p(market.tables["tickets"].groupby("account_id").size()).rename("tickets"),
        np.log1p(market.tables["usage"].groupby("account_id")["sessions"].mean()),
    ]
    joined = pd.concat([frame[count >= 3], *mixes, *counts], axis=1).loc[
        lambda f: f["rate"].notna()
    ]
    joined[["events", "tickets", "sessions"]] = joined[["events", "tickets", "sessions"]].fillna(0)
    return joined.fillna(joined.mean())


def recovery(market: Market) -> tuple[float, float]:
    """Adjusted Rand index with the truth, of k-means and of a mixture."""
    variables = needs(market).join(behaviour(market), how="inner")
    truth = market.truth["segments"].set_index("account_id")["segment"][variables.index]
    data = StandardScaler().fit_transform(variables)
    kmeans = KMeans(5, n_init=10, random_state=0).fit_predict(data)
    mixture = GaussianMixture(
        5, covariance_type="diag", n_init=5, random_state=0, reg_covar=1e-2
    ).fit_predict(data)
    return adjusted_rand_score(truth, kmeans), adjusted_rand_score(truth, mixture)


@pytest.mark.parametrize(
    ("difficulty", "low", "high"), [(0.0, 0.9, 1.0), (0.5, 0.7, 0.95), (1.0, -0.1, 0.25)]
)
def test_needs_and_behaviour_recover_the_segments(
    difficulty: float, low: float, high: float
) -> None:
    found = [
        recovery(generate_market(ACCOUNTS, seed=seed, difficulty=difficulty)) for seed in SEEDS
    ]
    assert low <= np.min(found)
    assert np.max(found) <= high


def test_firmographics_alone_do_only_modestly_better_than_the_majority() -> None:
    market = generate_market(3000, seed=1)
    accounts = market.tables["accounts"]
    columns = ["industry", "country", "ownership", "growth_stage"]
    numbers = accounts[["employees", "annual_revenue", "founded_year"]].astype(float)
    data = pd.concat([numbers.fillna(-1), pd.get_dummies(accounts[columns])], axis=1).to_numpy(
        float
    )
    truth = market.truth["segments"]["segment"].to_numpy(object)
    tree = DecisionTreeClassifier(max_depth=5, min_samples_leaf=30, random_state=0)
    accuracy = cross_val_score(tree, data, truth, cv=5).mean()
    majority = pd.Series(truth).value_counts(normalize=True).max()
    assert majority <= accuracy <= majority + 0.12


def test_contrasts_shrink_with_the_difficulty() -> None:
    recipe = knowledge().recipe
    spreads = [np.ptp(plant(recipe, d).values["order_rate"]) for d in (0.0, 0.5, 1.0)]
    assert spreads == sorted(spreads, reverse=True)
    assert separation(0.5) == pytest.approx(1.0)


def test_at_half_difficulty_the_numbers_are_those_of_the_recipe() -> None:
    recipe = knowledge().recipe
    planted = plant(recipe, 0.5)
    for name in recipe.parameters:
        expected = [segment.values[name] for segment in recipe.segments.values()]
        np.testing.assert_allclose(planted.values[name], expected, err_msg=name)


def test_firmographics_are_never_stretched() -> None:
    recipe = knowledge().recipe
    easy, usual = plant(recipe, 0.0), plant(recipe, 0.5)
    np.testing.assert_allclose(easy.values["employees"], usual.values["employees"])
    np.testing.assert_allclose(easy.mixes["industries"], usual.mixes["industries"])


def test_the_table_of_parameters_says_what_the_market_does() -> None:
    market = generate_market(8000, seed=2, dirt=0.0)
    segment = market.truth["segments"].set_index("account_id")["segment"]
    planted = market.truth["parameters"].set_index(["parameter", "segment"])["value"]
    deals = market.tables["opportunities"].dropna(subset="outcome")
    lines = market.tables["orders"]
    won = (deals["outcome"] == "won").groupby(deals["account_id"].map(segment)).mean()
    by_segment = lines.groupby(lines["account_id"].map(segment))
    amount = by_segment["amount"].sum() / by_segment["order_id"].nunique()
    np.testing.assert_allclose(won, planted["win_rate"][won.index], atol=0.03)
    np.testing.assert_allclose(amount, planted["order_amount"][amount.index], rtol=0.1)


def test_seasons_peak_in_the_planted_month() -> None:
    market = generate_market(4000, seed=2, dirt=0.0)
    segment = market.truth["segments"].set_index("account_id")["segment"]
    planted = market.truth["parameters"].set_index(["parameter", "segment"])["value"]
    orders = market.tables["orders"].drop_duplicates("order_id")
    wins = market.tables["opportunities"].query("outcome == 'won'")
    for table, column in ((orders, "order_date"), (wins, "closed_date")):
        months = pd.crosstab(
            table["account_id"].map(segment), table[column].dt.month, normalize="index"
        )
        for name, peak in planted["season_peak"].items():
            if peak:
                assert abs(months.loc[name].idxmax() - peak) <= 1, (name, column)
                assert months.loc[name].max() > 1.5 / 12
            else:
                assert months.loc[name].max() < 1.5 / 12


def test_mean_shares_leave_a_mix_that_does_not_scatter() -> None:
    recipe = knowledge().recipe
    planted = plant(recipe, 0.5)
    assert mean_shares(recipe, planted, "roles") is planted.mixes["roles"]
