"""Joins of the study's own queries: what they lose and what they multiply is counted."""

from __future__ import annotations

import pytest

from seglib.collection import collected

ORDERS = (
    "order_id,account_id,order_date,amount,product\n"
    "a,1,2025-12-01,10,p\nb,2,2025-12-05,20,q\nc,2,2025-12-05,20,z\n"
)
PRODUCTS = "product,category\np,Nuts\nq,Bolts\nq,Bolts too\n"
REGIONS = "account_id,region\n1,N\n2,S\n"


@pytest.mark.parametrize("engine", ["files", "postgres"])
def test_rows_without_a_partner_and_rows_that_multiply(write_study, engine, request):
    sql = """
        SELECT o.order_id, o.account_id, o.order_date, o.amount, p.category AS product_category
        FROM join_orders AS o
        LEFT JOIN join_products AS p ON o.product = p.product
        LEFT JOIN join_regions AS r ON r.account_id = o.account_id
        WHERE p.category IS NOT NULL
    """
    files = {"join_orders.csv": ORDERS, "join_products.csv": PRODUCTS, "join_regions.csv": REGIONS}
    fields = {}
    if engine == "postgres":
        fields["source"] = request.getfixturevalue("postgres")
        request.getfixturevalue("password")
        served(fields["source"], files)
    study = write_study(files, tables={"orders": {"sql": sql}}, **fields)
    with collected(study) as tables:
        said = [(f.level, f.message) for f in tables.findings if f.code == "join"]
    assert said == [
        (
            "warn",
            "1 of 3 rows find no row in 'join_products', and the join multiplies them to 4.",
        ),
        ("pass", "0 of 4 rows find no row in 'join_regions'."),
    ]


def served(address, files):
    import psycopg

    place = address.replace("${PGPASSWORD}", "s3cret%40word")
    with psycopg.connect(place, autocommit=True) as con:
        for file, text in files.items():
            name, header = file.removesuffix(".csv"), text.split("\n", 1)[0].split(",")
            con.execute(f"DROP TABLE IF EXISTS {name}")
            con.execute(f"CREATE TABLE {name} ({', '.join(f'{c} text' for c in header)})")
            with con.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv, HEADER)") as copy:
                copy.write(text)
