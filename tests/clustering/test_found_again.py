"""How far the kept segments are found again, beside what noise gives by the same steps."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seglib.clustering import assess, find_again, make_candidates, prepare, repeated_rows
from seglib.clustering.again_noise import mean_stability
from seglib.clustering.nulls import KINDS
from seglib.clustering.redraw import redraw_of
from seglib.clustering.segment_level import segment_stability, slsa
from seglib.clustering.shape import BORDER, shadow_of
from seglib.collection import AccountTable
from seglib.quotes import bare
from seglib.run import Run

from .conftest import info
from .planted import segments


@pytest.fixture(scope="module")
def known():
    """What step 03 has at hand for 300 customers in three planted segments."""
    return {}


@pytest.fixture
def step(planted, brief, study, known):
    if not known:
        quick = study.override(effort="quick", **{"clustering.k_max": 4})
        bench = prepare(planted[0], brief, quick)
        verdict = assess(bench.X, bench.ks, effort="quick", random_state=7)
        made = make_candidates(bench, ["kmeans", "ward", "mixture", "rfm", "rules"])
        known.update(bench=bench, verdict=verdict, made=made)
    return known["bench"], known["made"], known["verdict"]


def chosen(made, method, k):
    return next(c for c in made if c.method == method and c.k == k)


def test_planted_segments_come_back(step, tmp_path):
    bench, made, verdict = step
    found = find_again(bench, made, chosen(made, "kmeans", 3), verdict)
    table = found.table()
    assert table["slsw"].min() > 0.95
    assert table["above_noise"].equals(table["slsw"] > table["noise_high"])
    assert table["accounts"].sum() == 300
    assert bare(found.certificate).startswith("Certified")
    assert found.strength.set_index("k").loc[3, "mean"] > 0.9
    run = Run(tmp_path)
    found.save(run)
    assert run.read_table("segment_stability.parquet").equals(table)


@pytest.mark.parametrize("apart", [6.0, 0.0])
def test_noise_is_told_from_segments(brief, study, apart):
    X = segments(0, apart=apart, rows=300, shares=(0.4, 0.3, 0.3))[0]
    names = [f"v{j}" for j in range(X.shape[1])]
    frame = pd.DataFrame(X, columns=names)
    frame.insert(0, "account_id", [f"a{i}" for i in range(len(X))])
    frame.insert(1, "status", "customer")
    columns = {name: info(name) for name in names}
    columns["account_id"] = info("account_id", "id", "id", None)
    columns["status"] = info("status", "descriptor", "category", None)
    bench = prepare(
        AccountTable(frame, columns), brief.model_copy(update={"variables": tuple(names)}), study
    )
    made = make_candidates(bench, ["kmeans"])
    verdict = assess(bench.X, bench.ks, effort="quick", random_state=7)
    found = find_again(bench, made, chosen(made, "kmeans", 3), verdict)
    strength = found.strength.set_index("k").loc[3]
    beyond = strength["mean"] > strength[["permute_high", "copula_high"]].max()
    above = int(found.table()["above_noise"].sum())
    near = float((shadow_of(bench.X, chosen(made, "kmeans", 3).labels) > BORDER).mean())
    assert beyond == (apart > 0)
    assert (near < found.border_noise["low"].min()) == (apart > 0)
    assert found.border_noise["how"].tolist() == list(KINDS)
    assert above >= 2 if apart else above == 0


def test_slsw_of_kmeans_is_that_of_the_verdicts_samples(step):
    bench, made, verdict = step
    kept = chosen(made, "kmeans", 3)
    found = find_again(bench, made, kept, verdict)
    expected = segment_stability(
        kept.labels - 1, verdict.stability.labels[3], [1, 2, 3], rows=300
    ).jaccard
    assert np.allclose(found.slsw.jaccard, expected, atol=1e-12)
    across = slsa({c.k: c.labels for c in made if c.method == "kmeans"})
    assert np.allclose(found.slsa["stability"], across["stability"], equal_nan=True)


@pytest.mark.parametrize("method", ["ward", "mixture"])
def test_another_method_is_drawn_again_by_itself(step, method):
    bench, made, verdict = step
    found = find_again(bench, made, chosen(made, method, 3), verdict)
    assert (found.method, len(found.slsw.jaccard)) == (method, found.rounds.pairs)
    assert found.table()["slsw"].min() > 0.9
    assert "certif" in found.certificate.lower()


def test_rules_and_one_segment_have_no_samples(step):
    bench, made, verdict = step
    alone = find_again(bench, made, chosen(made, "mixture", 1), verdict)
    assert alone.slsw is None
    rules = replace(chosen(made, "kmeans", 3), method="rules", certified=None)
    found = find_again(bench, made, rules, verdict)
    assert found.slsw is None
    assert found.border_noise.empty
    assert found.method == "kmeans"
    assert "slsw" not in found.table()
    assert "nothing to certify" in found.certificate


def test_what_is_not_certified_is_withheld(step):
    bench, made, verdict = step
    kept = replace(chosen(made, "kmeans", 3), certified=False)
    others = [replace(c, certified=c.k != 3) if c.method == "kmeans" else c for c in made]
    found = find_again(bench, others, kept, verdict)
    assert found.withheld
    assert "slsw" not in found.table()
    assert found.table()["slsa"].isna().all()
    assert found.slsa.set_index("k")["certified"].groupby("k").first().to_dict() == {
        2: True, 3: False, 4: False
    }  # fmt: skip


def test_the_same_seed_gives_the_same_figures(step):
    bench, made, verdict = step
    kept = chosen(made, "ward", 3)
    one, other = (find_again(bench, made, kept, verdict) for _ in range(2))
    assert one.table().equals(other.table())
    assert one.strength.equals(other.strength)
    assert one.slsa_noise.equals(other.slsa_noise)


def test_the_mean_is_weighted_by_rows():
    table = slsa({2: [0] * 6 + [1] * 2, 3: [0] * 5 + [1, 2, 2]})
    last = table[table["k"] == 3]
    expected = (last["stability"] * last["size"]).sum() / 8
    assert mean_stability(table)[3] == pytest.approx(expected, abs=1e-12)


def test_a_twin_of_a_matrix_with_gaps_keeps_each_column(step):
    bench, made, _ = step
    redraw = redraw_of(bench, made, "ward", np.arange(300))
    gaps = redraw.matrix.copy()
    gaps[:9, 0] = np.nan
    twin = replace(redraw, matrix=gaps).twin("permute", np.random.default_rng(0))
    assert np.array_equal(np.sort(twin, axis=0), np.sort(gaps, axis=0), equal_nan=True)
    assert redraw.twins == ("permute", "copula")


def test_a_method_with_a_matrix_of_its_own_has_permuted_twins_alone(step):
    bench, made, verdict = step
    prototypes = make_candidates(bench, ["prototypes"])
    kept = chosen(prototypes, "prototypes", 3)
    found = find_again(bench, [*made, *prototypes], kept, verdict)
    assert set(found.slsw_noise["how"]) == {"permute"}
    assert found.table()["slsw"].min() > 0.9
    assert redraw_of(bench, prototypes, "rules", np.arange(300)) is None


def test_copies_are_counted_and_left_out(planted, brief, study, step):
    bench, _, verdict = step
    none = repeated_rows(bench, verdict, 3)
    assert (none.copies, len(none.table)) == (0, 0)
    assert none.sentence.startswith("No account repeats")
    accounts = planted[0]
    frame = accounts.frame.copy()
    base = ["spend", "visits"]
    frame.loc[200:, base] = frame.loc[:99, base].to_numpy()
    twice = prepare(AccountTable(frame, accounts.columns), brief, study)
    again = assess(twice.X, twice.ks, effort="quick", random_state=7)
    found = repeated_rows(twice, again, 3)
    assert (found.copies, found.expected, found.table["accounts"].tolist()) == (100, 0, [300, 200])
    assert found.table["stability"].iloc[0] == again.table.set_index("k").loc[3, "stability"]
    assert "100 of 300 accounts repeat another one exactly" in bare(found.sentence)
