"""Exports: safe in a spreadsheet, whole for a reader, without persons."""

import csv
import io

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from seglib.strategy import crm_import, draw_cells, plan_tests, target_list, to_safe_csv

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


def read(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@given(st.lists(st.tuples(texts, texts), max_size=6))
def test_a_reader_gets_every_text_back_and_no_formula(rows):
    found = read(to_safe_csv(pd.DataFrame(rows, columns=["one", "two"], dtype=object)))
    assert found[0] == ["one", "two"]
    assert len(found) == len(rows) + 1
    for given_row, read_row in zip(rows, found[1:], strict=True):
        for before, after in zip(given_row, read_row, strict=True):
            assert not after.startswith(RISKY)
            assert after in (before, "'" + before)
            assert after == before or before.startswith((*RISKY, "＝", "＋", "－", "＠"))


@given(st.lists(texts, max_size=6))
def test_one_column_loses_no_row(values):
    found = read(to_safe_csv(pd.DataFrame({"only": pd.Series(values, dtype=object)})))
    assert len(found) == len(values) + 1


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6))
def test_numbers_stay_numbers(values):
    found = read(to_safe_csv(pd.DataFrame({"value": values, "whole": -1})))
    assert [float(row[0]) for row in found[1:]] == values
    assert {row[1] for row in found[1:]} == {"-1"}


def test_headings_dates_flags_and_gaps():
    frame = pd.DataFrame(
        {
            "=x": ["a"],
            "day": [pd.Timestamp("2026-09-30")],
            "time": [pd.Timestamp("2026-09-30 12:30")],
            "flag": [np.True_],
            "none": [None],
            "nan": [np.nan],
            "nat": [pd.NaT],
            "na": pd.array([pd.NA], dtype="Int64"),
        }
    )
    assert read(to_safe_csv(frame)) == [
        ["'=x", "day", "time", "flag", "none", "nan", "nat", "na"],
        ["a", "2026-09-30", "2026-09-30T12:30:00", "True", "", "", "", ""],
    ]


def test_lines_end_in_lf_and_commas_are_quoted():
    assert to_safe_csv(pd.DataFrame({"a": ["x,y"], "b": ['"']})) == 'a,b\n"x,y",""""\n'


def lists(market, targets):
    plan = plan_tests(market, targets)
    cells = draw_cells(market.accounts, plan, seed=7)
    crm = crm_import(market, {s: f"Play {s}" for s in market.numbers}, cells)
    return crm, target_list(market, crm, targets)


def test_the_lists_hold_what_they_say_and_no_more(market):
    crm, targets = lists(market, [3, 1])
    assert list(crm.columns) == [
        "account_id", "segment", "segment_name", "confidence", "play", "cell",
    ]  # fmt: skip
    assert crm["account_id"].is_unique
    assert len(crm) == len(market.accounts)
    assert targets["segment"].drop_duplicates().tolist() == [3, 1]
    assert set(targets["status"]) == {"customer", "prospect"}
    assert (crm.loc[crm["segment"] == 2, "cell"] == "").all()
    assert set(crm.loc[crm["segment"] == 3, "cell"]) == {"test", "hold-out"}


def test_no_targets_make_an_empty_list_with_headings(market):
    _, targets = lists(market, [])
    assert to_safe_csv(targets).startswith("account_id,status,segment,segment_name,confidence")
    assert targets.empty


def test_a_formula_in_a_segment_name_is_harmless(market):
    crm, _ = lists(market, [1])
    crm["segment_name"] = "=cmd()|'/C calc'!A0"
    assert all(row[2].startswith("'=") for row in read(to_safe_csv(crm))[1:])
