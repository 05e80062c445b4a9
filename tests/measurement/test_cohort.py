"""A look back places accounts by what was known on the earlier day, and says when it cannot."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib import collection, objectives
from seglib.clustering import Segmentation
from seglib.clustering.models import Condition, Rules, RuleSegment
from seglib.exhibits import Note
from seglib.measurement import earlier_cohorts, look_back
from seglib.measurement.cohort import previous_cohort
from seglib.quotes import bare
from seglib.run import Run
from seglib.workbook import Book

NAMES = {1: "Frequent", 2: "Others"}
RULES = Rules(
    rules=(RuleSegment(segment=1, conditions=(Condition(variable="order_count", low=10),)),),
    otherwise=2,
    names=NAMES,
)


def orders(first="2023-10-01", later=True):
    """Forty accounts: even ones order monthly, odd ones quarterly; a fifth leaves after a year."""
    rng = np.random.default_rng(0)
    months = pd.date_range(first, "2026-09-01", freq="MS")
    rows = []
    for i in range(40):
        last = pd.Timestamp("2025-11-01") if i % 5 == 0 else months[-1]
        for number, month in enumerate(months):
            if month <= last and (i % 2 == 0 or number % 3 == 0):
                rows.append((f"A{i:02d}", month + pd.Timedelta(days=3), rng.integers(50, 99)))
    frame = pd.DataFrame(rows, columns=["account_id", "order_date", "amount"])
    if not later:
        frame = frame[frame["order_date"] <= "2025-09-30"]
    return frame.assign(order_id=[f"O{i}" for i in range(len(frame))])


def book(write_study, tmp_path, frame, method="rules", **fields):
    ids = pd.DataFrame({"account_id": sorted(frame["account_id"].unique())})
    status = np.where(np.arange(len(ids)) % 5 == 0, "former", "customer")
    files = {
        "orders.csv": frame.to_csv(index=False, date_format="%Y-%m-%d"),
        "accounts.csv": ids.assign(status=status, industry="Retail").to_csv(index=False),
    }
    study = write_study(files, as_of="2026-09-30", objective="high_value_accounts", **fields)
    folder = tmp_path / "run"
    folder.mkdir()
    made = Book("06", study, Run(folder))
    objectives.make(made)
    collection.make(made)
    Segmentation(method=method, model=RULES, assignment="rules").save(made.run)
    customers = made.accounts.customers.frame
    placed = customers[["account_id"]].assign(segment=1, confidence=1.0, second_segment=2)
    made.run.write_table("assignments.parquet", placed)
    return made


def test_accounts_are_placed_by_what_was_known(write_study, tmp_path):
    found = look_back(book(write_study, tmp_path, orders()), NAMES)
    assert found.day == pd.Timestamp("2025-09-30")
    assert len(found.segments) == 40  # those that have left since are among them
    expected = orders(later=False)["account_id"].value_counts()
    placed = found.segments.set_index("account_id")["segment"]
    assert (placed == np.where(expected.reindex(placed.index) >= 10, 1, 2)).all()
    assert set(placed) == {1, 2}
    known = found.accounts.frame.set_index("account_id")["order_count"]
    assert known.to_dict() == expected.to_dict()
    assert "100 % of its inputs were known then" in bare(found.caveat)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": "tree"}, "looking back would be circular"),
        ({"first": "2025-12-01"}, "A look back needs 12 months of orders or contracts"),
    ],
)
def test_when_it_would_not_be_honest_it_says_what_is_needed(write_study, tmp_path, change, said):
    frame = orders(change.pop("first", "2023-10-01"))
    found = look_back(book(write_study, tmp_path, frame, **change), NAMES)
    assert isinstance(found, Note)
    assert said in repr(found)
    assert "measurement: previous_run" in found.text


def test_a_short_history_is_halved(write_study, tmp_path):
    found = look_back(book(write_study, tmp_path, orders("2025-04-01")), NAMES)
    assert found.day == pd.Timestamp("2025-12-31")


def test_very_many_accounts_are_sampled_and_it_says_so(write_study, tmp_path, monkeypatch):
    made = book(write_study, tmp_path, orders())
    whole = look_back(made, NAMES)
    monkeypatch.setattr("seglib.measurement.cohort._MOST_ACCOUNTS", 25)
    some, again = look_back(made, NAMES), look_back(made, NAMES)
    assert len(some.segments) == 25
    assert some.segments.equals(again.segments)
    both = some.segments.merge(whole.segments, on="account_id")
    assert (both["segment_x"] == both["segment_y"]).all()
    assert len(both) == 25
    assert "A random sample of 25 of 40 accounts." in bare(some.caveat)


def test_a_source_that_has_gone_is_one_line(write_study, tmp_path):
    made = book(write_study, tmp_path, orders())
    (tmp_path / "orders.csv").unlink()
    found = look_back(made, NAMES)
    assert found.kind == "missing"
    assert "A look back to 2025-09-30 is not possible" in found.text


def test_the_previous_runs_segments_are_judged_and_not_this_ones(write_study, tmp_path):
    made = book(write_study, tmp_path, orders(), measurement={"previous_run": "old"})
    old = Run(tmp_path / "old")
    old.folder.mkdir()
    earlier = made.run.read_table("assignments.parquet").assign(segment=2)
    old.write_table("assignments.parquet", earlier)
    old.write_json("segments.json", [{"segment": 2, "name": "Then"}])
    made.accounts.save(old)
    for day, said in (("2026-06-30", ""), ("2026-09-30", "is as of 2026-09-30"), ("", "no date")):
        old.write_json("quality.json", {"as_of": day})
        found = earlier_cohorts(made, NAMES).judged
        if said:
            assert said in found.text
        else:
            assert found.names == {2: "Then"}
            assert set(found.segments["segment"]) == {2}
            assert "run old, as of 2026-06-30" in bare(found.origin)
    foreign = earlier.assign(account_id="Z" + earlier["account_id"])
    old.write_table("assignments.parquet", foreign)
    old.write_json("quality.json", {"as_of": "2026-06-30"})
    assert "shares no account" in previous_cohort(made).text


def test_data_without_dates_cannot_be_looked_back_on():
    undated = SimpleNamespace(as_of=pd.NaT)
    assert "needs data with dates" in look_back(undated, NAMES).text
