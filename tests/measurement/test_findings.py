"""Sentences and tables computed from the results."""

import pandas as pd

from seglib.exhibits import Note
from seglib.measurement import (
    campaign_readout,
    campaigns_table,
    definitions_table,
    findings,
    kpis,
    kpis_in_brief,
    latest_table,
    lifts_table,
)
from seglib.strategy import segmented_market

ALONE = Note("The study names no previous run.", kind="missing")


def orders(*ids):
    frame = pd.DataFrame({"account_id": list(ids)})
    months = pd.DataFrame({"month": pd.to_datetime(["2025-08-01", "2026-08-01"])})
    return frame.merge(months, how="cross").assign(orders=1, amount=10.0)


def test_no_facts_give_one_line_each(make_market):
    market = make_market({})
    measured, readout = kpis(market), campaign_readout(market)
    assert kpis_in_brief(measured).kind == "missing"
    for shown in (latest_table(measured), campaigns_table(readout), lifts_table(readout)):
        assert shown.kind == "missing"
    assert [note.kind for note in findings(measured, readout, ALONE)] == ["missing", "missing"]


def test_a_difference_inside_the_noise_is_not_claimed(make_market):
    market = make_market({"orders": orders("a", "c")})
    said = findings(kpis(market), campaign_readout(market), ALONE)[0].text
    assert said == "Retention: no difference between segments is beyond chance in 2026 Q3."


def test_a_segment_apart_from_all_others_is_said_though_intervals_overlap():
    kept = {1: (75, 100), 2: (60, 100), 3: (60, 100)}
    ids = [f"{s}-{i}" for s, (_, n) in kept.items() for i in range(n)]
    segment = [int(name[0]) for name in ids]
    again = [int(name.split("-")[1]) < kept[int(name[0])][0] for name in ids]
    accounts = pd.DataFrame({"account_id": ids})
    before = accounts.assign(month=pd.Timestamp("2025-08-01"))
    after = accounts[again].assign(month=pd.Timestamp("2026-08-01"))
    facts = {"orders": pd.concat([before, after]).assign(orders=1, amount=10.0)}
    market = segmented_market(
        accounts=accounts, assignments=accounts.assign(segment=segment), cards=[], facts=facts,
        as_of="2026-09-30",
    )  # fmt: skip
    said = repr(findings(kpis(market), campaign_readout(market), ALONE)[0])
    assert said.startswith("Retention in 2026 Q3: 75.0 % (95 % from")
    assert "in Segment 1, apart from all others (p = 0.0" in said


def test_a_planted_effect_is_said_with_its_interval(make_campaign):
    market = make_campaign(1, {1: (0.1, 0.4), 2: (0.1, 0.1)}, n=1500)
    readout = campaign_readout(market)
    said = " ".join(repr(note) for note in findings(kpis(market), readout, ALONE))
    assert "Of 1 campaigns with accounts held out, 1 worked: C1 (+" in said
    for table in (campaigns_table(readout), lifts_table(readout), definitions_table()):
        assert "<table>" in table._repr_html_()


def test_the_kpi_table_says_each_unit_once_and_holds_bare_numbers(make_market):
    measured = kpis(make_market({"orders": orders("a", "c")}))
    shown = latest_table(measured).frame
    assert {"Revenue, EUR, 2026 Q3", "Retention, %, 2026 Q3"} <= set(shown["kpi"])
    figures = shown[["value", "low", "high", "shrunk", "whole"]]
    assert (figures.dtypes == "float64").all()
    given = measured.latest("retention").set_index("name")["value"]
    kept = shown[shown["kpi"].str.startswith("Retention")].set_index("segment")["value"]
    assert kept.to_dict() == (given * 100).to_dict()
    money = shown.loc[shown["kpi"].str.startswith("Revenue,"), "value"]
    assert money.tolist() == measured.latest("revenue")["value"].tolist()


def test_names_from_data_are_escaped(make_market):
    market = make_market({"orders": orders("a", "c")})
    market.segments["name"] = ["<script>alert(1)</script>", "Two"]
    html = latest_table(kpis(market))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_kpis_in_brief_have_a_row_each_and_mark_what_is_beyond_chance():
    kept = {1: (90, 100), 2: (40, 100)}
    ids = [f"{s}-{i}" for s, (_, n) in kept.items() for i in range(n)]
    again = [int(name.split("-")[1]) < kept[int(name[0])][0] for name in ids]
    accounts = pd.DataFrame({"account_id": ids})
    before = accounts.assign(month=pd.Timestamp("2025-08-01"))
    after = accounts[again].assign(month=pd.Timestamp("2026-08-01"))
    facts = {"orders": pd.concat([before, after]).assign(orders=1, amount=1234.5)}
    market = segmented_market(
        accounts=accounts, assignments=accounts.assign(segment=[int(i[0]) for i in ids]),
        cards=[], facts=facts, as_of="2026-09-30", currency="EUR",
    )  # fmt: skip
    measured = kpis(market)
    shown = kpis_in_brief(measured)
    rows = shown.frame.set_index("kpi").map(lambda cell: cell.replace("\N{NO-BREAK SPACE}", " "))
    assert shown.caption == "KPIs by segment in 2026 Q3"
    assert len(rows) == len(measured.names)
    assert rows.loc["Retention"].tolist() == ["90 % ▲", "40 % ▼", "65 %"]
    assert rows.loc["Revenue"].tolist() == ["111,000 EUR", "49,400 EUR", "160,000 EUR"]
    assert "more than chance" in shown.note
    assert "~" not in shown.note


def test_a_kpi_of_which_little_is_known_says_so(make_market):
    market = make_market({"orders": orders("a", "c")})
    shown = kpis_in_brief(kpis(market))
    told = shown.frame.set_index("kpi").loc["Revenue"].str.replace("\N{NO-BREAK SPACE}", " ")
    assert told.iloc[0].startswith("~ ")
    assert "uncertain by a factor of two or more" in shown.note
