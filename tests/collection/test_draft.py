import pytest

from seglib.collection.draft import draft_study, match_columns
from seglib.errors import StudyError
from seglib.objectives import data_support, make_brief
from seglib.study import Study

KUNDEN = "Kundennr;Firma;Branche;Mitarbeiter;Land\n1;A;x;10;DE\n2;B;y;20;DE\n3;C;x;30;FR\n"
RECHNUNGEN = "Rechnungsnr;Kundennr;Rechnungsdatum;Betrag\na;1;01.12.2025;10,5\nb;2;05.12.2025;20\n"


def test_a_german_export_is_understood_and_runs(tmp_path):
    (tmp_path / "Kunden.csv").write_text(KUNDEN, encoding="utf-8")
    (tmp_path / "Rechnungen.csv").write_text(RECHNUNGEN, encoding="utf-8")
    draft = draft_study([tmp_path], tmp_path / "mine")
    assert draft.questions == ()
    study = Study.load(draft.path)
    assert study.tables["orders"].columns == {
        "order_id": "Rechnungsnr",
        "account_id": "Kundennr",
        "order_date": "Rechnungsdatum",
        "amount": "Betrag",
    }
    assert make_brief(study, data_support(study)).variables


def test_what_is_unsure_becomes_a_question(tmp_path):
    (tmp_path / "deals.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    draft = draft_study([tmp_path / "deals.csv"], tmp_path / "mine")
    assert any("Which table holds the accounts" in q for q in draft.questions)
    assert "# ? Which table" in draft.path.read_text(encoding="utf-8")


def test_guesses_have_reasons():
    guesses = {g.column: g for g in match_columns("orders", ["SalesAmount", "OrderDat", "zzz"])}
    assert guesses["amount"].reason == "'SalesAmount' is a usual name for it"
    assert guesses["order_date"].sure is True
    assert guesses["order_date"].confidence < 96


def test_nothing_is_overwritten_and_files_must_be_there(tmp_path):
    (tmp_path / "study.yaml").write_text("name: mine\n", encoding="utf-8")
    with pytest.raises(StudyError, match="exists already"):
        draft_study([tmp_path], tmp_path)
    with pytest.raises(StudyError, match="There is no file"):
        draft_study([tmp_path / "no.csv"], tmp_path / "new")
