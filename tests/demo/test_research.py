"""Interviews in the demo: few, invented, without names, and no other table depends on them."""

import pandas as pd

from seglib.demo import generate_market
from seglib.demo.research import interviews
from seglib.schema import contract


def test_every_segment_has_a_finding_on_every_topic() -> None:
    topics = set(contract()["research"].columns["topic"].levels)
    market = generate_market(400, seed=3)
    segments = market.truth["segments"].set_index("account_id")["segment"]
    assert set(interviews().findings) == set(segments)
    notes = market.tables["research"]
    found = pd.crosstab(notes["account_id"].map(segments), notes["topic"])
    assert set(found.columns) == topics
    assert (found >= 1).all(axis=None)


def test_nobody_is_spoken_with_before_the_account_is_known() -> None:
    market = generate_market(400, seed=3)
    created = market.tables["accounts"].set_index("account_id")["created_date"]
    notes = market.tables["research"]
    known = notes["account_id"].map(created)
    assert (notes["noted_date"] >= known - pd.Timedelta(days=3))[known.notna()].all()
