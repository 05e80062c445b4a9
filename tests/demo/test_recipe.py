"""The knowledge files are checked when they are read."""

from pathlib import Path

import pytest

from seglib.demo import recipe as module
from seglib.demo.recipe import Recipe, knowledge
from seglib.errors import StudyError
from seglib.knowledge import check, read_yaml

MARKET = Path(module.__file__).with_name("market.yaml")
SEGMENT = "Connected plants"


def broken(change: str) -> dict:
    content = read_yaml(MARKET)
    segment = content["segments"][SEGMENT]
    match change:
        case "parameter":
            segment["values"]["order_rat"] = segment["values"].pop("order_rate")
        case "tilt":
            segment["tilt"]["channels"] = {"online shopp": 2.0}
        case "share":
            segment["share"] = 0.5
        case "uplift":
            content["campaigns"]["C01"]["uplift"] = [0.1]
        case "product":
            content["campaigns"]["C01"]["product"] = "CON-999"
    return content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("parameter", "Did you mean 'order_rate'?"),
        ("tilt", "Did you mean 'online shop'?"),
        ("share", "must add up to 1"),
        ("uplift", "needs one uplift for each segment"),
        ("product", "Unknown product 'CON-999'"),
    ],
)
def test_a_wrong_key_is_named(change: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        check(Recipe, broken(change), where="market.yaml")
    assert said in str(caught.value)


def test_every_role_has_titles_in_every_language() -> None:
    known = knowledge()
    assert set(known.people.titles) == set(known.recipe.roles)
    for role, languages in known.people.titles.items():
        assert set(languages) == {"en", "de", "fr"}, role


def test_there_are_five_segments_of_unequal_size() -> None:
    shares = [segment.share for segment in knowledge().recipe.segments.values()]
    assert len(set(shares)) == 5
