"""What is published holds no folder of this machine and no secret."""

from __future__ import annotations

import os
import sys

import pytest

from seglib.reporting import run_study
from seglib.reporting.failure import RunFailed


def test_nothing_absolute_and_no_secret_is_published(study, make_notebooks, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_API_TOKEN", "tok-planted-9f3a")
    study.write_text(
        "name: tiny\nsource: 'duckdb://ann:planted%20pass@host/x?token=planted-t0ken'\n"
    )
    leak = (
        "import os, sys, pathlib, logging\n"
        "text = pathlib.Path(study).read_text()\n"
        "logging.warning(text + os.environ['CRM_API_TOKEN'])\n"
        "print(text, os.environ['CRM_API_TOKEN'], study, run_dir)\n"
        "print(sys.prefix, os.getcwd(), object())\n"
        "pathlib.Path(run_dir, 'quality.json').write_text('{\"read\": \"' + study + '\"}')\n"
        "lists = pathlib.Path(run_dir, 'exports'); lists.mkdir()\n"
        "(lists / 'targets.csv').write_text(study + ',' + os.environ['CRM_API_TOKEN'])\n"
    )
    run = run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks(step01=leak))
    published = {path.name: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    planted = [b"tok-planted-9f3a", b"planted%20pass", b"planted pass", b"planted-t0ken"]
    folders = [str(tmp_path).encode(), sys.prefix.encode(), os.getcwd().encode()]
    for name, content in published.items():
        for text in (*planted, *folders):
            assert text not in content, f"{text!r} stands in {name}"
    assert b"duckdb://ann:***@host" in published["01_objectives.ipynb"]


def test_a_failed_run_hides_the_same(study, make_notebooks, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_API_TOKEN", "tok-planted-9f3a")
    leak = "import os; raise ValueError(study + os.environ['CRM_API_TOKEN'])"
    with pytest.raises(RunFailed) as caught:
        run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks(step01=leak))
    assert "tok-planted" not in str(caught.value)
    for path in next((tmp_path / "runs").glob("*.failed")).rglob("*"):
        content = path.read_text()
        assert "tok-planted" not in content
        assert str(tmp_path) not in content


def test_what_is_planted_in_every_place_of_a_study_is_in_no_file(
    study, make_notebooks, tmp_path, monkeypatch
):
    """Index page, journal, notices and log are looked at, and a run that was resumed."""
    monkeypatch.setenv("CRM_API_TOKEN", "tok-planted-9f3a")
    address = "postgres://ann:planted-pass@host/db?token=planted-t0ken"
    study.write_text(
        f"name: tiny\ntitle: 'From {address} in {tmp_path} tok-planted-9f3a'\nsource: .\n"
        f"objective: {{title: 'Read {address}', question: '{tmp_path}/x?'}}\n"
        f"hypotheses:\n  - {{text: '{address} {tmp_path}', source: experience, variable: tenure}}\n"
        f"playbook: {{advertisement: {{Text: '{address} {tmp_path} tok-planted-9f3a'}}}}\n"
        f"segment_names: {{'1': 'At {tmp_path}, tok-planted-9f3a'}}\n"
    )
    show = (
        "import logging, os, pathlib\n"
        "text = pathlib.Path(study).read_text() + os.environ['CRM_API_TOKEN'] + ' ' + run_dir\n"
        "logging.warning(text); print(text)\n"
        "for name in ('a.md', 'b.tsv', 'c.svg', 'd.yaml', 'e.html', 'f.xml', 'g.txt'):\n"
        "    pathlib.Path(run_dir, name).write_text(text)\n"
    )
    options = {
        "out": tmp_path / "runs",
        "until": "02",
        "overrides": {"market.industries": [f"{tmp_path}", "tok-planted-9f3a"]},
    }
    with pytest.raises(RunFailed) as caught:
        run_study(study, notebooks=make_notebooks(step01=show, step02="1 / 0"), **options)
    run_study(study, notebooks=make_notebooks(step01=show), resume=True, **options)
    secrets = ("tok-planted-9f3a", "planted-pass", "planted-t0ken")
    assert not any(secret in str(caught.value) for secret in secrets)
    planted = (*secrets, str(tmp_path))
    files = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert {"index.html", "journal.json", "manifest.json", "message.txt", "run.log"} <= {
        path.name for path in files
    }
    for path in files:
        for text in planted:
            assert text not in path.read_text(), f"{text!r} stands in {path.name}"
