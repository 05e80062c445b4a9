"""Gower's distance, against R's daisy, and as a sum of absolute differences."""

import numpy as np
import pandas as pd
import pytest

from seglib.clustering.distance_models import absolute_differences
from seglib.clustering.gower import gower_distances, gower_preprocessing
from seglib.clustering.preprocessing import CategoryStep, NumberStep, OrdinalStep, Preprocessing
from seglib.clustering.prototypes import encoded
from seglib.errors import DataError

FRAME = pd.DataFrame(
    {
        "revenue": [-5.0, -3.0, 0.0, -1.0],
        "employees": [10.0, 250.0, np.nan, 40.0],
        "industry": ["saas", "mfg", "saas", None],
        "tier": ["S", "M", "L", "M"],
        "trial": [1, 0, 1, 1],
    }
)
DAISY = {(0, 1): 0.78, (0, 2): 0.50, (0, 3): 0.35625, (1, 2): 0.775, (1, 3): 0.56875,
         (2, 3): 0.7 / 3}  # fmt: skip


@pytest.mark.parametrize(("pair", "expected"), DAISY.items())
def test_distances_are_daisy_s(pair, expected):
    found = gower_distances(FRAME, ordered={"tier": ("S", "M", "L")})
    assert found[pair] == pytest.approx(expected, abs=1e-12)
    assert found[pair[::-1]] == found[pair]


def test_a_maximum_of_nought_is_no_obstacle():
    found = gower_distances(pd.DataFrame({"x": [-4.0, -1.0, 0.0]}))
    assert found[0].tolist() == [0.0, 0.75, 1.0]


def test_two_rows_without_a_common_column_have_no_distance():
    found = gower_distances(pd.DataFrame({"x": [1.0, np.nan], "y": [None, "a"]}))
    assert np.isnan(found[0, 1])


def test_weights_count():
    frame = pd.DataFrame({"x": [0.0, 1.0], "y": ["a", "a"]})
    assert gower_distances(frame, weights={"x": 3.0})[0, 1] == pytest.approx(0.75)


def test_a_level_without_a_place_is_named():
    with pytest.raises(DataError, match=r"'tier'.*'L'"):
        gower_distances(FRAME, ordered={"tier": ("S", "M")})


def test_absolute_differences_of_the_scaled_columns_are_gower_s():
    """METHODS section 4: numbers over their range and levels times one half."""
    plain = Preprocessing(
        steps=(
            NumberStep(variable="revenue", fill=0.0, center=3.0, scale=7.0),
            NumberStep(variable="employees", fill=0.0),
            CategoryStep(variable="industry", levels=("mfg", "saas"), weight=4.0),
            OrdinalStep(variable="tier", levels=("S", "M", "L"), fill=1.0),
            NumberStep(variable="trial", fill=0.0),
        )
    )
    weights = {"revenue": 1.0, "employees": 2.0, "industry": 1.5, "tier": 1.0, "trial": 0.5}
    scaled = gower_preprocessing(plain, FRAME, weights)
    complete = FRAME.dropna()  # prototypes have no gap
    data = encoded(scaled, scaled.transform(complete))
    found = absolute_differences(data.x, data.x) * data.row_weights[:, None]
    both = gower_distances(FRAME, ordered={"tier": ("S", "M", "L")}, weights=weights)
    expected = both[np.ix_(complete.index, complete.index)]
    np.testing.assert_allclose(found, expected, atol=1e-12)
