"""Personal values are planted in every table; none is found in a run of steps 01 and 02."""

import importlib
import logging

import pandas as pd
import pytest

from seglib.collection import collect, findings_table
from seglib.collection.privacy import OTHER_WORDS
from seglib.demo import generate_market, write_market
from seglib.exhibits import Table
from seglib.objectives import data_support, make_brief
from seglib.run import Run
from seglib.study import Study
from seglib.workbook import Book

NAMES = ("Zebulon Quixworth", "Ottoline Prendergast")
MAIL, PHONE = "zebulon.quixworth@hidden-planet.example", "+49 170 5550123"
COMPANY, DOMAIN, POSTCODE = "Quagmire Unobtainium Works", "hidden-planet.example", "ZQ99-ZZ"
NOTE = "Mr Zebulon told me on his holiday that his wife disliked us"
PLANTED = (*NAMES, MAIL, PHONE, COMPANY, DOMAIN, POSTCODE, NOTE, "Zebulon", "Quixworth", "5550123")


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    write_market(generate_market(120, seed=5), folder)
    for name, values in {
        "accounts": {"name": COMPANY, "domain": DOMAIN, "postcode": POSTCODE, "growth_stage": MAIL},
        "contacts": {"name": NAMES[0], "email": MAIL, "phone": PHONE},
        "opportunities": {"lost_reason": NOTE},
        "engagements": {"topic": PHONE},
    }.items():
        frame = pd.read_csv(folder / f"{name}.csv", dtype="str")
        rows = frame.index[frame["outcome"] == "lost"][:2] if "outcome" in frame else [0, 3]
        frame.loc[rows, list(values)] = list(values.values())
        frame.to_csv(folder / f"{name}.csv", index=False)
    contacts = pd.read_csv(folder / "contacts.csv", dtype="str")
    contacts.loc[5, ["name", "job_title"]] = [NAMES[1], f"Assistant of {NAMES[0]}"]
    contacts.to_csv(folder / "contacts.csv", index=False)
    return Study.load(folder / "study.yaml")


def test_no_planted_value_is_in_a_run(planted, tmp_path, caplog):
    run = Run(tmp_path / "run")
    with caplog.at_level(logging.DEBUG):
        for package in ("objectives", "collection"):
            importlib.import_module(f"seglib.{package}").make(Book("02", planted, run))
    files = [p for p in run.folder.rglob("*") if p.is_file()]
    assert len(files) > 10
    text = "".join(p.read_bytes().decode("latin-1") for p in files) + caplog.text
    text += "".join(pd.read_parquet(p).to_csv() for p in files if p.suffix == ".parquet")
    assert [value for value in PLANTED if value in text] == []


def test_no_planted_value_is_shown(planted):
    found = collect(planted, make_brief(planted, data_support(planted)))
    shown = [findings_table(found.findings), found.quality, found.duplicates, found.market]
    html = "".join(Table(frame, "Shown", limit=10_000)._repr_html_() for frame in shown)
    assert [value for value in PLANTED if value in html] == []


def test_what_was_held_back_is_counted(planted):
    found = collect(planted, make_brief(planted, data_support(planted)))
    counts = {(f.code, f.table, f.column): f.count for f in found.findings}
    assert counts["personal-value", "accounts", "growth_stage"] == 2
    assert counts["personal-value", "engagements", "topic"] == 2
    assert counts["free-text", "opportunities", "lost_reason"] >= 2
    assert OTHER_WORDS in set(found.facts["opportunities"]["lost_reason"])
