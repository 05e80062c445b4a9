"""Study and portfolio files that were written to do harm: a sentence, exit code 2, nothing made."""

from __future__ import annotations

import time

import pytest

from seglib.errors import StudyError
from seglib.knowledge import LARGEST
from seglib.reporting import run_study
from seglib.reporting.portfolio import read_portfolio

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcd", "bcde", strict=True)
)
STUDIES = {
    "aliases": (LAUGHS, "aliases"),
    "a Python object": (
        "name: !!python/object/apply:os.system ['touch pwned']\n",
        "not valid YAML",
    ),
    "a tag of its own": ("name: !include /etc/passwd\n", "not valid YAML"),
    "a number without end": (f"name: tiny\nseed: {'9' * 5_000}\n", "not valid YAML"),
    "nested without end": ("name: " + "[" * 50_000, "nested too deeply"),
    "too large": ("# " + "x" * LARGEST + "\nname: tiny\n", "larger than the 2 MB"),
    "a way out": ("name: ../../etc/cron.d/x\n", "small letters"),
    "an absolute path": ("name: /tmp/x\n", "small letters"),
    "a device's name": ("name: 'con:'\n", "small letters"),
    "a line break": ('name: "tiny\\n../x"\n', "small letters"),
    "a null byte": ('name: "tiny\\0"\n', "small letters"),
    "escapes of a terminal": ('name: "\\e[2Jtiny"\n', "small letters"),
}


@pytest.mark.parametrize(("text", "words"), STUDIES.values(), ids=STUDIES)
def test_a_hostile_study_is_refused_at_once(text, words, study, make_notebooks, tmp_path):
    study.write_text(text)
    before = sorted(tmp_path.rglob("*"))
    begun = time.monotonic()
    with pytest.raises(StudyError) as caught:
        run_study(study, out=tmp_path / "runs")
    assert time.monotonic() - begun < 10
    assert words in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 2_000
    assert sorted(tmp_path.rglob("*")) == before


def test_a_portfolio_of_a_billion_runs_is_refused(study, tmp_path):
    path = tmp_path / "portfolio.yaml"
    each = "".join(f"      w{n}: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n" for n in range(9))
    path.write_text(f"runs:\n  - study: {study}\n    for_each:\n{each}")
    with pytest.raises(StudyError, match="'for_each' gives 1,000,000,000 runs; 1,000 are the most"):
        read_portfolio(path)
