"""Interview notes pass the gate: dated, on a topic, and without anybody's name."""

from pathlib import Path

import pandas as pd
import pytest

from seglib.collection.collect import collected
from seglib.collection.facts import build_facts
from seglib.study import Study

ACCOUNTS = pd.DataFrame({"account_id": ["a", "b"], "name": ["Vell & Sons", "Ost"]})
ORDERS = pd.DataFrame(
    {"order_id": ["1", "2"], "account_id": ["a", "b"], "order_date": "2026-06-01", "amount": 10.0}
)
CONTACTS = pd.DataFrame(
    {"contact_id": ["1", "2"], "account_id": ["a", "b"], "name": ["Ada Ruiz", "Bo Li"]}
)


def facts(folder: Path, notes: list[str], **other: object) -> tuple[pd.DataFrame, list[str]]:
    research = pd.DataFrame({"account_id": "a", "note": notes}).assign(
        **{"noted_date": "2026-05-01", "source": "interview", "topic": "trigger", **other}
    )
    tables = {"accounts": ACCOUNTS, "orders": ORDERS, "contacts": CONTACTS, "research": research}
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    study = Study(name="t", source=str(folder), as_of="2026-06-30")  # type: ignore[arg-type]
    with collected(study) as gathered:
        found = [
            f.message for f in gathered.findings if f.table == "research" and f.level == "warn"
        ]
        return build_facts(gathered)["research"], found


def test_a_note_in_its_own_words_is_kept(tmp_path: Path) -> None:
    kept, found = facts(tmp_path, ["The lease ends.", "The price list is long, Ruizian even."])
    assert kept["note"].tolist() == ["The lease ends.", "The price list is long, Ruizian even."]
    assert kept["noted_date"].tolist() == [pd.Timestamp("2026-05-01")] * 2
    assert found == []


@pytest.mark.parametrize(
    "note",
    [
        "Ada Ruiz wants it by May.",
        "said ada ruiz",
        "Ms Ruiz, the buyer, decides.",
        "It was Ruiz.",
        "At Vell & Sons nobody knows.",
        "Write to a.ruiz@vell.example about it.",
        "Call +49 170 5550123 first.",
    ],
)
def test_a_note_that_names_somebody_is_left_out(tmp_path: Path, note: str) -> None:
    kept, found = facts(tmp_path, [note, "The lease ends."])
    assert kept["note"].tolist() == ["The lease ends."]
    assert found == [
        "1 rows were left out: their text names a person or the company, or holds an e-mail "
        "address or a telephone number."
    ]


def test_a_short_name_and_the_name_of_another_account_hide_nothing(tmp_path: Path) -> None:
    kept, _ = facts(tmp_path, ["Li ion cells are checked.", "They know Ost."])
    assert len(kept) == 2


def test_a_note_dated_after_the_as_of_date_is_not_read(tmp_path: Path) -> None:
    kept, found = facts(tmp_path, ["The lease ends."], noted_date="2026-07-01")
    assert kept.empty
    assert found == [
        "1 rows dated after the as-of date 2026-06-30 were left out.",
        "no row is left.",
    ]


def test_an_unknown_topic_counts_as_missing(tmp_path: Path) -> None:
    kept, found = facts(tmp_path, ["The lease ends."], topic="weather")
    assert kept["topic"].isna().all()
    assert "1 impossible values" in found[0]
