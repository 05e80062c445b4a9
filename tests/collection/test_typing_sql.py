"""The questionnaire of step 04 runs in Postgres and places as it does here.

It stands here for the sake of the server that this folder's tests start.
"""

import numpy as np
import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.profiling import questionnaire, typing_sql
from seglib.schema import ColumnInfo

KINDS = {"industry": "category", "employees": "number", "cloud": "flag", "need_price": "number"}


def market():
    """Three segments of 60 accounts, told apart by what may be asked; some answers are missing."""
    rng = np.random.default_rng(1)
    segment = np.repeat([1, 2, 3], 60)
    frame = pd.DataFrame({
        "account_id": [f"a{i:03}" for i in range(180)],
        "industry": np.where(rng.random(180) < 0.7, np.array(["", "O'il", "Food", "Tea"])[segment],
                             "Food"),
        "employees": rng.lognormal(segment, 0.5).round(1) * 10,
        "cloud": rng.random(180) < segment / 4,
        "need_price": rng.integers(1, 8, 180).astype(float),
    })  # fmt: skip
    frame.loc[::9, "employees"] = np.nan
    frame.loc[::8, "industry"] = None
    info = {
        name: ColumnInfo(name=name, role="descriptor", kind=kind, label=name, definition=name,
                         observable=True, family="firmographic")
        for name, kind in KINDS.items()
    }  # fmt: skip
    given = pd.DataFrame({"account_id": frame["account_id"], "segment": segment})
    return AccountTable(frame, info), given


def test_the_query_places_as_the_scorecard_does(postgres, password):
    import psycopg

    accounts, given = market()
    found = questionnaire(accounts, given, list(KINDS), seed=1)
    frame = accounts.frame
    address = postgres.replace("${PGPASSWORD}@", "@").replace("postgres://", "postgresql://")
    with psycopg.connect(address, password=password) as server:
        server.execute(
            "CREATE TEMPORARY TABLE accounts (account_id text, industry text, "
            "employees double precision, cloud boolean, need_price double precision)"
        )
        for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
            server.execute("INSERT INTO accounts VALUES (%s, %s, %s, %s, %s)", list(row))
        told = dict(server.execute(typing_sql(found, accounts, {})).fetchall())
    expected = found.card.place(frame)
    assert [told[account] or 0 for account in frame["account_id"]] == expected.tolist()
    assert (expected > 0).sum() > 30
