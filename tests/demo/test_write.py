"""Files are the same bytes every time, and those of ``data/demo``."""

from pathlib import Path

import pandas as pd
import pytest

from seglib.demo import Market, generate_market, write_market
from seglib.errors import StudyError
from seglib.schema import contract

COMMITTED = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def market() -> Market:
    return generate_market(60, seed=2)


def test_data_demo_is_reproduced_byte_for_byte(tmp_path: Path) -> None:
    written = write_market(generate_market(), tmp_path)
    different = [
        name
        for name in (path.relative_to(tmp_path) for path in written)
        if not (COMMITTED / name).is_file()
        or (tmp_path / name).read_bytes() != (COMMITTED / name).read_bytes()
    ]
    assert different == []


def test_data_demo_is_small() -> None:
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*.*")) < 8_000_000


def test_one_file_a_table_and_the_truth_apart(market: Market, tmp_path: Path) -> None:
    write_market(market, tmp_path / "new" / "folder", study=False)
    tables = {path.stem for path in (tmp_path / "new" / "folder").glob("*.csv")}
    truth = {path.stem for path in (tmp_path / "new" / "folder" / "truth").glob("*.csv")}
    assert tables == set(contract())
    assert truth == {
        "segments",
        "parameters",
        "campaign_effects",
        "duplicates",
        "dirt",
        "roles",
    }


def test_files_read_back_as_the_tables(market: Market, tmp_path: Path) -> None:
    write_market(market, tmp_path)
    for name, table in market.tables.items():
        dates = [c for c, about in contract()[name].columns.items() if about.type == "date"]
        text = {c: "str" for c, about in contract()[name].columns.items() if about.type == "text"}
        back = pd.read_csv(tmp_path / f"{name}.csv", parse_dates=dates, dtype=text)
        pd.testing.assert_frame_equal(back, table, check_dtype=False)


def test_files_have_line_feeds_and_iso_dates(market: Market, tmp_path: Path) -> None:
    write_market(market, tmp_path)
    content = (tmp_path / "orders.csv").read_bytes()
    assert b"\r" not in content
    assert content.decode().splitlines()[1].split(",")[2].count("-") == 2


def test_the_readme_explains_every_table_and_column(market: Market, tmp_path: Path) -> None:
    write_market(market, tmp_path)
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    for name, table in contract().items():
        assert f"### {name}\n\n{table.meaning}" in readme
        for column, about in table.columns.items():
            assert f"| `{column}` | {about.meaning} |" in readme
    assert "seglib demo DIR --accounts 60 --seed 2 --difficulty 0.5 --dirt 0.05" in readme
    assert str(tmp_path) not in readme


def test_the_readme_of_a_clean_market_says_so(tmp_path: Path) -> None:
    write_market(generate_market(20, dirt=0.0), tmp_path)
    assert "None: this market is clean." in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_folder_that_is_a_file_is_refused(market: Market, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("here")
    with pytest.raises(StudyError, match="cannot be written"):
        write_market(market, tmp_path / "taken")
