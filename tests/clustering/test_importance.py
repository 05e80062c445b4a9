"""Which variable carries the segments: planted, copied and shapeless columns."""

import numpy as np
import pandas as pd
import pytest

from seglib.charts.importance import importance_chart
from seglib.clustering.bench import prepare
from seglib.clustering.candidates import make_candidates
from seglib.clustering.importance import variable_importance
from seglib.collection import AccountTable
from seglib.exhibits import Chart, Note
from seglib.quotes import bare
from seglib.schema import ColumnInfo


def info(name, role="base", kind="number", family="behavioural"):
    label = name.replace("_", " ").title()
    return ColumnInfo(name=name, role=role, kind=kind, label=label, family=family, definition=name)


def made(brief, study, columns, families=None):
    """Bench and 3-segment k-means candidate of a table with these columns."""
    rows = len(next(iter(columns.values())))
    frame = pd.DataFrame(columns).assign(account_id=[str(i) for i in range(rows)])
    frame["status"] = "customer"
    kinds = {name: info(name, family=(families or {}).get(name, "behavioural")) for name in columns}
    kinds |= {"account_id": info("account_id", "id", "id", None)}
    kinds |= {"status": info("status", "descriptor", "category", None)}
    brief = brief.model_copy(update={"variables": tuple(columns), "bases": ("behavioural",)})
    bench = prepare(AccountTable(frame, kinds), brief, study)
    return bench, next(c for c in make_candidates(bench, ["kmeans"]) if c.k == 3)


@pytest.fixture
def coded():
    """One column that codes three groups, and three of noise."""
    rng = np.random.default_rng(0)
    truth = rng.permutation(np.repeat([0.0, 5.0, 10.0], [80, 70, 50]))
    noise = {f"noise_{i}": rng.normal(size=200) for i in range(3)}
    return {"code": truth + rng.normal(0, 0.01, 200)} | {n: v * 0.3 for n, v in noise.items()}


def test_a_variable_that_makes_the_segments_alone_is_called_out(brief, study, coded):
    families = {"noise_0": "needs", "noise_1": "needs", "noise_2": "needs"}
    bench, kept = made(brief, study, coded, families)
    found = variable_importance(bench, kept)
    row = found.table.set_index("name").loc["code"]
    assert row["ari_alone"] > 0.95
    assert row["ari_without"] < 0.2
    assert row["change_high"] < 0
    carries = found.table[found.table["kind"] == "variable"].set_index("name")["carries"]
    assert carries[carries].index.tolist() == ["code"]
    assert bare(found.claim).startswith("'Code' alone makes the 3 segments (agreement ")
    assert found.reference == pytest.approx(1.0)
    assert all(sentence.endswith(".") for sentence in found.sentences())


def test_two_variables_that_are_both_needed_carry_together(brief, study):
    rng = np.random.default_rng(1)
    corner = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])[np.repeat([0, 1, 2], [80, 70, 50])]
    points = corner + rng.normal(0, 0.3, corner.shape)
    bench, kept = made(brief, study, {"east": points[:, 0], "north": points[:, 1]})
    found = variable_importance(bench, kept)
    assert (found.table["ari_alone"] < 0.9).all()
    # What is left without the one is what the other gives alone.
    np.testing.assert_allclose(found.table["ari_without"], found.table["ari_alone"][::-1])
    assert not found.table["carries"].any()
    assert bare(found.claim).startswith("No single variable makes the 3 segments; without ")


def test_one_variable_is_all_there_is(brief, study, coded):
    bench, kept = made(brief, study, {"code": coded["code"]})
    found = variable_importance(bench, kept)
    assert found.table["ari_without"].isna().all()
    assert not found.table["carries"].any()
    assert bare(found.claim) == "One variable is all there is: it makes the 3 segments"
    assert isinstance(importance_chart(found, ""), Chart)


def test_families_are_left_out_as_a_whole(brief, study, coded):
    families = {"code": "behavioural", "noise_0": "behavioural"}
    families |= {"noise_1": "needs", "noise_2": "needs"}
    bench, kept = made(brief, study, coded, families)
    table = variable_importance(bench, kept).table
    blocks = table[table["kind"] == "family"].set_index("name")
    assert blocks["variables"].to_dict() == {"behavioural": 2, "needs": 2}
    assert blocks.loc["behavioural", "ari_without"] == pytest.approx(
        blocks.loc["needs", "ari_alone"]
    )


def test_a_subsample_is_said_and_the_seed_decides(brief, study, coded):
    bench, kept = made(brief, study, coded)
    first = variable_importance(bench, kept, max_rows=100)
    assert first.rows_used == 100
    assert "100 accounts (a random subsample of the 200)" in bare(first.method)
    pd.testing.assert_frame_equal(first.table, variable_importance(bench, kept, max_rows=100).table)


def test_one_segment_has_no_carrier(planted, brief, study):
    bench = prepare(planted[0], brief, study)
    one = next(c for c in make_candidates(bench, ["mixture"]) if c.k == 1)
    assert variable_importance(bench, one) is None
    assert isinstance(importance_chart(None, ""), Note)


def test_the_figure_tells_every_row(brief, study, coded):
    families = {"noise_0": "needs", "noise_1": "needs", "noise_2": "needs"}
    bench, kept = made(brief, study, coded, families)
    chart = importance_chart(variable_importance(bench, kept), "2026-01-31")
    assert chart.figure.get_suptitle().startswith("'Code' alone makes")
    assert all(f"Noise {i}: without" in chart.alt for i in range(3))
    assert "as of 2026-01-31" in chart.caption
