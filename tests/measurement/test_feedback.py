"""Sales feedback: read, compared, counted, honoured."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from seglib.collection import collect
from seglib.measurement import compare_feedback, differences_table, feedback_table, honoured
from seglib.objectives import data_support, make_brief
from seglib.run import Run
from seglib.strategy import crm_import, segmented_market

NAMES = {1: "Large labs", 2: "Price buyers", 3: "Plants"}


def placed(segments, confidence=0.9):
    ids = [f"A{i}" for i in range(len(segments))]
    return pd.DataFrame(
        {"account_id": ids, "segment": segments, "confidence": confidence, "second_segment": 2,
         "shadow": 0.4}
    )  # fmt: skip


def opinions(*words, days=None, ids=None, commented=False):
    return pd.DataFrame(
        {
            "account_id": ids or [f"A{i}" for i in range(len(words))],
            "segment": pd.array(words, dtype="str"),
            "by_role": "field sales",
            "given_date": pd.to_datetime(days or ["2026-09-01"] * len(words)),
            "commented": commented,
        }
    )


def test_numbers_and_names_are_read_and_counted():
    found = compare_feedback(
        opinions("1", " LARGE labs", "2", "Plants", commented=True), placed([1, 1, 1, 3]), NAMES
    )
    assert found.accounts["agrees"].tolist() == [True, True, False, True]
    share, low, high = found.agreement
    assert share == 0.75
    assert (low, high) == (pytest.approx(0.3006, abs=1e-3), pytest.approx(0.9544, abs=1e-3))
    assert found.words.set_index("word")["reading"].to_dict() == {
        "1": "number", " LARGE labs": "name", "2": "number", "Plants": "name",
    }  # fmt: skip
    assert found.counts == {"rows": 4, "comments": 4, "honoured": 0}
    moved = found.differences()
    assert moved[["segment", "opinion", "accounts"]].values.tolist() == [[1, 2, 1]]
    shown = differences_table(found, NAMES).frame
    assert shown["sales says"].tolist() == ["Price buyers"]


def test_kappa_is_that_of_scikit_learn():
    rng = np.random.default_rng(2)
    ours = rng.integers(1, 4, 200)
    theirs = np.where(rng.random(200) < 0.6, ours, rng.integers(1, 4, 200))
    found = compare_feedback(opinions(*map(str, theirs)), placed(ours), NAMES)
    assert found.kappa == pytest.approx(cohen_kappa_score(ours, theirs))


def test_own_words_are_matched_one_to_one_and_a_word_too_many_is_said():
    words = ["VIPs"] * 5 + ["bargain"] * 6 + ["odd"] * 2
    found = compare_feedback(opinions(*words), placed([1] * 5 + [2] * 5 + [1] + [2, 2]), NAMES)
    meant = found.words.set_index("word")["segment"].to_dict()
    assert meant == {"VIPs": 1, "bargain": 2, "odd": 0}
    assert found.accounts["agrees"].sum() == 10
    assert "a group that the model does not have" in str(differences_table(found, NAMES))


def test_a_segment_that_is_named_is_no_own_words_segment():
    found = compare_feedback(opinions("Large labs", "VIPs", "VIPs"), placed([1, 1, 1]), NAMES)
    assert found.words.set_index("word")["segment"].to_dict() == {"Large labs": 1, "VIPs": 0}
    assert found.accounts["agrees"].tolist() == [True, False, False]


def test_the_latest_opinion_counts_and_a_torn_one_is_left_out():
    rows = opinions(
        "1",
        "2",
        "1",
        "3",
        "2",
        ids=["A0", "A0", "A1", "A1", "A9"],
        days=["2026-01-01", "2026-05-01", "2026-05-01", "2026-05-01", "2026-05-01"],
    )
    found = compare_feedback(rows, placed([2, 2]), NAMES)
    assert found.accounts["account_id"].tolist() == ["A0"]
    assert found.accounts["agrees"].all()
    said = " ".join(repr(note) for note in found.notes)
    assert "On 1 accounts sales gave two opinions on one day" in said
    assert "1 of 2 accounts with an opinion have no segment" in said


def test_comments_alone_and_no_table():
    only = compare_feedback(opinions(None, None, commented=True), placed([1, 2]), NAMES)
    assert only.accounts.empty
    assert only.counts["comments"] == 2
    assert np.isnan(only.agreement[0])
    nothing = compare_feedback(None, placed([1]), NAMES)
    assert "the table 'feedback' is needed" in feedback_table(nothing).text
    assert differences_table(nothing, NAMES) is None


def book(tmp_path, rows, *, names=None):
    run = Run(tmp_path)
    run.write_table("facts/feedback.parquet", rows)
    measurement = SimpleNamespace(previous_run=None, feedback="honour")
    study = SimpleNamespace(folder=tmp_path, measurement=measurement, segment_names=names or {})
    return SimpleNamespace(run=run, study=study)


def test_honoured_moves_what_can_be_read_and_forgets_the_models_confidence(tmp_path):
    rows = opinions("2", "big", "VIPs", "9", "1")
    there = placed([1, 2, 1, 1, 0]).assign(second_segment=[3, 3, 3, 3, 1])
    found = honoured(book(tmp_path, rows, names={"1": "Big"}), there)
    assert found["segment"].tolist() == [2, 1, 1, 1, 0]
    assert found["second_segment"].tolist() == [1, 2, 3, 3, 1]
    assert found["confidence"].isna().tolist() == [True, True, False, False, False]
    assert there["segment"].tolist() == [1, 2, 1, 1, 0]
    market = segmented_market(
        accounts=there[["account_id"]], assignments=found, cards=[], facts={}, as_of="2026-09-30"
    )
    listed = crm_import(market, {1: "one", 2: "two"}, pd.Series("", index=market.accounts.index))
    assert listed.set_index("account_id").loc["A0", "segment"] == 2


def test_without_feedback_nothing_is_moved(tmp_path):
    empty = SimpleNamespace(run=Run(tmp_path))
    there = placed([1, 2])
    assert honoured(empty, there) is there


def test_comments_are_counted_and_stay_behind(write_study):
    secret = "Call Eve on 0171 234567, she hates the new price"
    files = {
        "accounts.csv": "account_id,status\nA0,customer\nA1,customer\n",
        "orders.csv": "order_id,account_id,order_date,amount\n"
        + "".join(f"O{i},A{i % 2},2025-{1 + i:02d}-05,{10 + i}\n" for i in range(9)),
        "feedback.csv": "account_id,segment,comment,by_role,given_date\n"
        f'A0,2,"{secret}",,2026-01-05\nA1,,,field sales,2026-01-06\n'
        "A9,1,,,2026-01-05\nA1,1,,,2026-05-01\n",
    }
    study = write_study(files)
    found = collect(study, make_brief(study, data_support(study)))
    facts = found.facts["feedback"]
    assert list(facts) == ["account_id", "segment", "by_role", "given_date", "commented"]
    assert facts["commented"].tolist() == [True, False]  # A9 is no account, May is not yet
    assert not facts.astype(str).apply(lambda c: c.str.contains("Eve")).any(axis=None)
    codes = {f.code for f in found.findings if f.table == "feedback"}
    assert {"key-orphan", "after-as-of"} <= codes
