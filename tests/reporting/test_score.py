"""Placing the rows of a file in a run's segments."""

from __future__ import annotations

import pandas as pd
import pytest

from seglib.clustering.models import Condition, Rules, RuleSegment
from seglib.clustering.segmentation import Segmentation
from seglib.errors import DataError, StudyError
from seglib.reporting.score import score_file
from seglib.run import Run


@pytest.fixture
def run(tmp_path):
    """A run whose segmentation is one rule: large or not."""
    folder = tmp_path / "run"
    folder.mkdir()
    large = RuleSegment(segment=1, conditions=(Condition(variable="employees", low=100.0),))
    model = Rules(rules=(large,), otherwise=2)
    kept = Run(folder)
    Segmentation(method="rules", model=model, assignment="the first rule that holds").save(kept)
    kept.write_json("segments.json", [{"segment": 1, "name": "Large"}])
    return folder


@pytest.fixture
def accounts(tmp_path):
    """Accounts, one with a hostile name."""
    path = tmp_path / "accounts.csv"
    path.write_text("account_id,employees\nB,500\n=cmd(),20\nA,99\n")
    return path


def test_csv(run, accounts, tmp_path):
    out = score_file(run, accounts, tmp_path / "scored.csv")
    assert out.read_text() == (
        "account_id,segment,name\n'=cmd(),2,No segment\nA,2,No segment\nB,1,Large\n"
    )


def test_parquet(run, accounts, tmp_path):
    table = tmp_path / "accounts.parquet"
    pd.read_csv(accounts).to_parquet(table)
    out = score_file(run, table, tmp_path / "scored.parquet")
    assert pd.read_parquet(out)["segment"].tolist() == [2, 2, 1]


def test_standard_output(run, accounts, capsys):
    assert score_file(run, accounts) is None
    assert capsys.readouterr().out.startswith("account_id,segment,name\n")


@pytest.mark.parametrize(
    ("table", "out", "error", "words"),
    [
        ("nothing.csv", None, StudyError, "There is no file"),
        ("accounts.csv", "scored.docx", StudyError, "must end in .csv or .parquet"),
        ("study.yaml", None, StudyError, "must be a CSV or Parquet file"),
        ("broken.parquet", None, DataError, "cannot be read"),
        ("other.csv", None, DataError, "employees"),
    ],
)
def test_what_cannot_be_scored(run, accounts, tmp_path, table, out, error, words):
    (tmp_path / "study.yaml").write_text("name: x\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "other.csv").write_text("account_id,people\nA,5\n")
    with pytest.raises(error, match=words):
        score_file(run, tmp_path / table, tmp_path / out if out else None)


def test_text_where_numbers_are_wanted(run, tmp_path):
    table = tmp_path / "words.csv"
    table.write_text("account_id,employees\nA,many\nB,7\n")
    with pytest.raises(DataError, match=r"(?s)words.csv.*cannot be scored: .*'many'"):
        score_file(run, table)
    with pytest.raises(DataError, match=r"'employees' must hold numbers: .*'many'"):
        Segmentation.load(run).predict(pd.read_csv(table))
