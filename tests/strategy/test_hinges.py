"""Weight ranges against brute force; the served-market knock-out; weights that do not sum."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seglib.strategy import knock_outs, scores_table, targeting, weight_ranges, weights_table
from seglib.strategy.market import SERVED
from seglib.strategy.targeting import AXES

ASKED = {
    "attractiveness": {"size": 1, "revenue_per_account": 3},
    "competitiveness": {"churn_risk": 2, "satisfaction": 1},
    "targets": 1,
    "min_share": 0.05,
    "seed": 7,
}


def chosen_at(choice, axis, criterion, weight, targets):
    """The choice when one weight is set and the others keep their proportions, computed anew."""
    positions = []
    for name in AXES:
        own = choice.scores[choice.scores["axis"] == name]
        weights = own.drop_duplicates("criterion").set_index("criterion")["weight"]
        if name == axis:
            rest = weights.drop(criterion)
            weights = pd.concat([rest / rest.sum() * (1 - weight), pd.Series({criterion: weight})])
        table = own.pivot(index="criterion", columns="segment", values="score")
        positions.append(table.mul(weights, axis=0).sum())
    overall = sum(positions) / 2
    allowed = choice.matrix.loc[choice.matrix["knocked_out"] == "", "segment"]
    return set(overall[allowed].nlargest(targets).index)


@pytest.mark.parametrize("targets", [1, 2])
def test_ranges_hold_what_brute_force_finds(make_market, targets):
    choice = targeting(make_market(prospects=60), **{**ASKED, "targets": targets})
    ranges = weight_ranges(choice)
    assert len(ranges) == 4
    now = set(choice.targets)
    grid = np.linspace(0.005, 0.995, 60)
    changed = 0
    for row in ranges.itertuples():
        held = [chosen_at(choice, row.axis, row.criterion, w, targets) == now for w in grid]
        inside = (grid > row.low + 1e-3) & (grid < row.high - 1e-3)
        assert np.all(np.array(held)[inside])
        for bound, side in ((row.low, -1), (row.high, 1)):
            if 0.002 < bound < 0.998:
                changed += 1
                beyond = chosen_at(choice, row.axis, row.criterion, bound + side * 1e-3, targets)
                assert beyond != now
    assert changed > 0


def test_the_table_names_the_weight_on_which_the_choice_hangs_most(make_market):
    choice = targeting(make_market(prospects=60), **ASKED)
    html = weights_table(choice)._repr_html_()
    assert "The choice hangs most on" in html
    assert "instead of" in html


def test_without_a_rival_nothing_can_hang_on_a_weight(make_market):
    choice = targeting(make_market(), **{**ASKED, "targets": 3})
    assert weight_ranges(choice).empty
    assert "no other segment" in weights_table(choice).text


def test_a_segment_outside_the_served_market_is_knocked_out(make_market):
    market = make_market()
    assert "served" not in set(knock_outs(market, min_share=0.05)["condition"])
    market.accounts[SERVED] = market.accounts["segment"] != 2
    found = knock_outs(market, min_share=0.05).set_index(["segment", "condition"])["verdict"]
    assert [found[(s, "served")] for s in (1, 2, 3)] == ["passed", "failed", "passed"]


def test_what_was_said_of_the_weights_stands_under_the_scores(make_market):
    from seglib.exhibits import Note

    choice = targeting(make_market(), **ASKED)
    said = replace(choice, notes=(*choice.notes, Note("The weights add up to 3.")))
    assert "The weights add up to 3." in scores_table(said)._repr_html_()
