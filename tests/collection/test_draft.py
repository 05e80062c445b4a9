import pytest

from seglib.collection import collect, collected
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


def northwind_like(tmp_path, discounts):
    (tmp_path / "customers.csv").write_text("CustomerID,CompanyName\nA,x\nB,y\n")
    (tmp_path / "orders.csv").write_text(
        "OrderID,CustomerID,OrderDate,Freight\n1,A,2025-12-01,3\n2,B,2025-12-05,4\n"
    )
    lines = [f"{n},p{n},10,{n},{d}" for n, d in enumerate(discounts, start=1)]
    text = "OrderID,ProductID,UnitPrice,Quantity,Discount\n" + "\n".join(lines) + "\n"
    (tmp_path / "order_details.csv").write_text(text)
    return draft_study([tmp_path], tmp_path / "mine")


def test_orders_without_amounts_are_joined_to_their_lines(tmp_path):
    draft = northwind_like(tmp_path, [0.5, 0])
    assert draft.questions == ()
    with collected(Study.load(draft.path)) as tables:
        rows = tables.tables["orders"].order_by("order_id").to_pandas()
    assert rows["amount"].tolist() == [5.0, 20.0]
    assert rows["account_id"].tolist() == ["A", "B"]
    assert rows["product_id"].tolist() == ["p1", "p2"]


def test_a_discount_that_is_no_share_is_asked_about(tmp_path):
    draft = northwind_like(tmp_path, [5, 0])
    assert any("Is 'Discount' of 'order_details' money or per cent?" in q for q in draft.questions)
    with collected(Study.load(draft.path)) as tables:
        assert tables.tables["orders"].amount.sum().to_pandas() == 30


def test_a_flat_table_of_answers_becomes_a_study_that_runs(tmp_path):
    head = "Likes price,Likes price!,Spend,Region,Class,Who,Respondent id\n"
    rows = [f"{n % 2},{n % 3 % 2},{n * 1.5},R{n % 3},{n % 4},Person {n},{n}" for n in range(60)]
    (tmp_path / "answers.csv").write_text(head + "\n".join(rows) + "\n")
    (tmp_path / "codes.csv").write_text("code\n1\n2\n")
    draft = draft_study([tmp_path], tmp_path / "mine")
    text = draft.path.read_text()
    assert draft.questions == ()
    assert "# 'codes' is not used." in text
    assert [g.column for g in draft.guesses if not g.sure] == ["class"]
    assert "Who" not in {g.origin for g in draft.guesses}
    study = Study.load(draft.path)
    brief = make_brief(study, data_support(study))
    assert brief.variables == ("likes_price", "likes_price_1", "spend")
    found = collect(study, brief)
    assert len(found.accounts.customers.frame) == 60
    assert found.accounts.frame["region"].nunique() == 3


@pytest.mark.real
@pytest.mark.parametrize(
    ("folder", "table", "rows"),
    [
        ("adventureworks", "orders", 60_855),
        ("northwind", "orders", 2_155),
        ("online_retail", "orders", 406_829),
        ("rfm", "orders", 4_906),
        ("wholesale", "accounts", 440),
        ("vacmot", "accounts", 1_000),
    ],
)
def test_every_folder_gives_a_study_that_runs(real_data, tmp_path, folder, table, rows):
    draft = draft_study([real_data / folder], tmp_path / "mine")
    study = Study.load(draft.path)
    assert draft.questions == ()
    assert len(make_brief(study, data_support(study)).variables) >= 5
    with collected(study) as tables:
        assert tables.tables[table].count().to_pandas() == rows
        if folder == "northwind":
            total = tables.tables["orders"].amount.sum().to_pandas()
            assert total == pytest.approx(1_265_793.04, abs=0.005)
