import pytest

from seglib.collection import collected
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


@pytest.mark.parametrize(
    ("customers", "orders"),
    [
        (
            "Code client,Raison sociale,Pays,Effectif\n1,A,FR,10\n2,B,BE,20\n",
            "Num commande,Code client,Date commande,Montant\n"
            "a,1,2025-12-01,10\nb,2,2025-12-05,20\n",
        ),
        (
            "ID_CLIENTE;NOMBRE;PAIS;EMPLEADOS\n1;A;ES;10\n2;B;MX;20\n",
            "NUMERO_DE_PEDIDO;ID_CLIENTE;FECHA;IMPORTE\na;1;01.12.2025;10,5\nb;2;05.12.2025;20\n",
        ),
        (
            "customer-id,companyName,country,employee_count\n1,A,UK,10\n2,B,IE,20\n",
            "OrderNumber,customer-id,OrderDate,NetAmount\na,1,2025-12-01,10\nb,2,2025-12-05,20\n",
        ),
    ],
)
def test_names_in_other_languages_and_styles(tmp_path, customers, orders):
    (tmp_path / "clients.csv").write_text(customers, encoding="utf-8")
    (tmp_path / "orders.csv").write_text(orders, encoding="utf-8")
    draft = draft_study([tmp_path], tmp_path / "mine")
    assert draft.questions == ()
    study = Study.load(draft.path)
    assert {"account_id", "name", "country", "employees"} <= set(study.tables["accounts"].columns)
    with collected(study) as tables:
        assert tables.tables["orders"].count().to_pandas() == 2


def test_an_amount_is_made_of_price_and_quantity(tmp_path):
    lines = (
        "Rechnungsnr;Kundennr;Datum;Menge;Einzelpreis\na;1;2025-12-01;2;10\nb;1;2025-12-02;3;5\n"
    )
    (tmp_path / "Rechnungen.csv").write_text(lines, encoding="utf-8")
    draft = draft_study([tmp_path], tmp_path / "mine")
    assert draft.questions == ()
    assert "'Menge' × 'Einzelpreis'" in draft.path.read_text(encoding="utf-8")
    with collected(Study.load(draft.path)) as tables:
        assert tables.tables["orders"].amount.sum().to_pandas() == 35


def test_a_thousand_columns_are_looked_through(tmp_path):
    header = ",".join(["account_id", *(f"attribute {n}" for n in range(1000))])
    (tmp_path / "accounts.csv").write_text(f"{header}\n1{',x' * 1000}\n2{',y' * 1000}\n")
    draft = draft_study([tmp_path], tmp_path / "mine")
    assert draft.questions == ()


@pytest.mark.real
@pytest.mark.parametrize(
    ("folder", "question"),
    [
        ("adventureworks", ""),
        ("northwind", "'order_details' has 'Quantity' and 'UnitPrice'"),
        ("online_retail", ""),
        ("rfm", ""),
        ("wholesale", "Which table holds the accounts or the orders"),
        ("vacmot", "Which table holds the accounts or the orders"),
    ],
)
def test_every_folder_gives_a_study_that_runs_or_a_question(real_data, tmp_path, folder, question):
    draft = draft_study([real_data / folder], tmp_path / "mine")
    study = Study.load(draft.path)
    if question:
        assert any(question in asked for asked in draft.questions)
    else:
        assert draft.questions == ()
        assert make_brief(study, data_support(study)).variables
        with collected(study) as tables:
            assert tables.tables["orders"].count().to_pandas() > 4000
