"""Steps of earlier runs are used again where nothing that they depend on changed, there only."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from seglib.reporting import run_study
from seglib.reporting.failure import RunFailed
from seglib.reporting.journal import JOURNAL, Journal, read_journal
from seglib.reporting.progress import Progress
from seglib.reporting.stepkeys import READ_FROM, parameters
from seglib.run import Run
from seglib.study import Study

WRITE = (
    "import logging, pathlib\n"
    "logging.warning('step {n} ran')\n"
    "folder = pathlib.Path(run_dir)\n"
    "left = sorted(p.name for p in folder.glob('left*.json'))\n"
    "(folder / 'left{n}.json').write_text({extra} + str(left))\n"
    "print(left)"
)
ITS_OWN = {"summary.json", "message.txt"}


def code(n: int, extra: str = "''") -> str:
    return WRITE.format(n=n, extra=extra)


@pytest.fixture
def resumable(study, make_notebooks, tmp_path):
    """Run three steps with some of their code replaced; return the run and what was told."""

    def run(*, resume: bool = True, out: str = "runs", **changes):
        told: list[Progress] = []
        steps = {f"step0{n}": code(n) for n in (1, 2, 3)}
        steps |= {name: changes.pop(name) for name in steps if name in changes}
        try:
            made = run_study(
                study,
                out=tmp_path / out,
                until="03",
                notebooks=make_notebooks(**steps),
                resume=resume,
                progress=told.append,
                **changes,
            )
        except RunFailed:
            made = None
        return made, [t.line() for t in told if t.state in ("reused", "renewed")]

    return run


def artifacts(run: Run) -> dict[str, bytes]:
    return {n: p.read_bytes() for n, p in run.artifacts().items() if n not in ITS_OWN}


def test_a_failed_run_is_resumed_and_ends_byte_for_byte_as_a_fresh_one(resumable, tmp_path):
    failed, said = resumable(step03="1 / 0")
    assert failed is None
    assert said == [
        f"[{n}/3] {name}: executed, because no earlier run has finished it"
        for n, name in enumerate(("01_objectives", "02_data_collection", "03_cluster_analysis"), 1)
    ]
    resumed, said = resumable()
    source = next((tmp_path / "runs").glob("*.failed"))
    name = source.name.removesuffix(".failed")
    assert said == [
        f"[1/3] 01_objectives: unchanged, taken from run {name}",
        f"[2/3] 02_data_collection: unchanged, taken from run {name}",
        "[3/3] 03_cluster_analysis: executed, because no earlier run has finished it",
    ]
    assert [step.reused for step in resumed.manifest.steps] == [name, name, ""]
    assert [step.status for step in resumed.manifest.steps] == ["done"] * 3

    assert "step 1 ran" in (resumed.folder / "run.log").read_text()

    left = artifacts(resumed)
    shutil.rmtree(tmp_path / "runs")
    fresh, said = resumable(resume=False)
    assert said == []
    assert artifacts(fresh) == left


def test_a_run_that_is_not_asked_to_resume_executes_all(resumable):
    resumable()
    again, said = resumable(resume=False)
    assert said == []
    assert [step.reused for step in again.manifest.steps] == ["", "", ""]


def test_the_same_again_executes_nothing(resumable):
    first, _ = resumable()
    again, _ = resumable()
    assert [step.reused for step in again.manifest.steps] == [first.id] * 3
    assert artifacts(again) == artifacts(first)


@pytest.mark.parametrize(
    ("changes", "reused", "why"),
    [
        ({"overrides": {"seed": 8}}, "", "parameters changed"),
        ({"overrides": {"clustering.effort": "quick"}}, "12", "parameters changed"),
        ({"overrides": {"budget.total": 5}}, "123", ""),
        ({"step02": code(2, "'x'")}, "1", "the notebook changed"),
        ({"step02": code(2) + "\n'a remark'"}, "13", "the notebook changed"),
    ],
    ids=["seed", "effort", "a later step's", "another result", "the same result"],
)
def test_what_changed_is_executed_and_what_depends_on_it(resumable, changes, reused, why):
    resumable()
    again, said = resumable(**changes)
    assert "".join(s.step[1] for s in again.manifest.steps if s.reused) == reused
    executed = [line for line in said if "executed" in line]
    assert len(executed) == 3 - len(reused)
    assert all(why in line for line in executed[:1])


def test_changed_data_are_read_again(resumable, study):
    resumable()
    (study.parent / "orders.csv").write_text("order_id,amount\n1,6\n")
    again, said = resumable()
    assert not any(step.reused for step in again.manifest.steps)
    assert said[0].endswith("executed, because the data changed")


def test_another_version_of_a_package_counts(resumable, monkeypatch):
    resumable()
    monkeypatch.setattr("seglib.reporting.stepkeys.program_hash", lambda: "another")
    again, said = resumable()
    assert not any(step.reused for step in again.manifest.steps)
    assert "seglib or a package changed" in said[0]


def test_a_file_that_was_changed_afterwards_is_not_used(resumable):
    first, _ = resumable()
    (first.folder / "left2.json").write_text("forged")
    again, said = resumable()
    assert [bool(step.reused) for step in again.manifest.steps] == [True, False, True]
    assert said[1].endswith("executed, because its files were changed afterwards")
    assert "forged" not in (again.folder / "left2.json").read_text()


def test_a_step_whose_file_held_a_secret_is_executed_again(resumable, monkeypatch):
    monkeypatch.setenv("CRM_API_TOKEN", "tok-planted-9f3a")
    leak = code(2, "__import__('os').environ['CRM_API_TOKEN']")
    first, _ = resumable(step02=leak)
    assert set(read_journal(first.folder).steps) == {"01", "03"}
    again, _ = resumable(step02=leak)
    assert [bool(step.reused) for step in again.manifest.steps] == [True, False, True]
    assert artifacts(again) == artifacts(first)
    assert b"tok-planted" not in b"".join(artifacts(again).values())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"steps": {"01": {}}}', "\x00"])
def test_a_broken_journal_is_no_journal(resumable, text):
    first, _ = resumable()
    (first.folder / JOURNAL).write_text(text)
    again, _ = resumable()
    assert not any(step.reused for step in again.manifest.steps)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "..\\x", ""])
def test_a_journal_that_names_a_file_outside_is_refused(resumable, name):
    first, _ = resumable()
    told = json.loads((first.folder / JOURNAL).read_text())
    told["steps"]["01"]["files"][name] = "0"
    with pytest.raises(ValueError, match="stands in the run folder"):
        Journal.model_validate(told)


def test_a_database_is_read_again_and_what_it_gives_decides(study, make_notebooks, tmp_path):
    study.write_text("name: tiny\nsource: duckdb://ann@host/x\n")
    notebooks = make_notebooks(step01=code(1), step02=code(2), step03=code(3))
    told: list[Progress] = []
    for _ in range(2):
        run = run_study(
            study,
            out=tmp_path / "runs",
            until="03",
            notebooks=notebooks,
            resume=True,
            progress=told.append,
        )
    assert [bool(step.reused) for step in run.manifest.steps] == [False, False, True]
    assert any("what is in a database may have changed" in t.line() for t in told)


def test_data_that_change_while_they_are_read_are_told_and_not_used_again(resumable, study, caplog):
    touch = f"open({str(study.parent / 'orders.csv')!r}, 'a').write('2,7\\n')"
    with caplog.at_level(logging.WARNING):
        resumable(step02=touch)
    assert "The data changed while step 02 read them" in caplog.text
    again, _ = resumable(step02=code(2))
    assert not any(step.reused for step in again.manifest.steps[:2])


def test_a_killed_run_is_kept_for_resume_and_removed_once_a_run_is_done(
    study, make_notebooks, tmp_path, command, caplog
):
    runs = tmp_path / "runs"
    steps = {"step01": code(1), "step02": code(2)}
    slow = make_notebooks(**steps, step03="import time; time.sleep(120)")
    process = command(slow, "run", study, "--out", runs, "--until", "03")
    deadline = time.monotonic() + 90
    while not list(runs.glob("*.partial/03_cluster_analysis.ipynb")):
        assert time.monotonic() < deadline, "the third notebook did not begin"
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    broken = make_notebooks(**steps, step03="1 / 0")
    with caplog.at_level(logging.WARNING), pytest.raises(RunFailed):
        run_study(study, out=runs, until="03", notebooks=broken, resume=True)
    assert "was killed after step 02; its folder is kept for --resume" in caplog.text
    assert len(list(runs.glob("*.partial"))) == 1
    failed = Run.open(next(runs.glob("*.failed")))
    assert [bool(step.reused) for step in failed.manifest.steps] == [True, True, False]

    with caplog.at_level(logging.WARNING):
        run_study(study, out=runs, until="03", notebooks=make_notebooks(**steps), resume=True)
    assert "was killed; its half-made folder was removed" in caplog.text
    assert not list(runs.glob("*.partial"))


def test_fields_that_count_late_are_fields_of_a_study():
    study = Study(name="demo", source="data")
    for field, first in READ_FROM.items():
        head, _, inner = field.partition(".")
        before, after = (parameters(study, step) for step in ("01", first))
        assert (inner or head) not in (before[head] if inner else before)
        assert (inner or head) in (after[head] if inner else after)


@pytest.mark.filterwarnings("ignore")  # a kernel shows them, and they fail nothing
def test_no_step_reads_a_field_that_counts_only_later(tmp_path: Path, monkeypatch):
    """The notebooks' own cells are executed, and every field that they read is written down."""
    from seglib.demo import generate_market, write_market

    write_market(generate_market(150, seed=3), tmp_path / "demo")
    study = tmp_path / "demo" / "study.yaml"
    few = Study.load(study, {"clustering.methods": ["kmeans", "rules"], "clustering.k_max": 3})
    study.write_text(few.to_yaml())
    late = {tuple(field.split(".")) for field in READ_FROM}
    read: dict[str, set[str]] = {}
    for step, path in _notebooks("04").items():
        seen: set[str] = set()
        with monkeypatch.context() as patch:
            _watch(patch, seen)
            _execute(path, study=study, run_dir=tmp_path / "run")
        read[step] = seen
    assert {"seed"} < read["01"]  # the watch sees what is read
    assert "clustering.effort" in read["03"]
    for step, seen in read.items():
        too_early = {".".join(f) for f in late if READ_FROM[".".join(f)] > step} & seen
        assert not too_early, f"step {step} reads {too_early}"


def _notebooks(last: str) -> dict[str, Path]:
    from seglib.reporting.plan import find_notebooks

    return find_notebooks(last=last)


def _watch(patch, seen: set[str]) -> None:
    """Write down which fields of a study are read, by dotted name."""
    from seglib import study as module

    parts = {Study: "", module.Clustering: "clustering.", module.Targeting: "targeting."}
    for kind, head in parts.items():

        def watched(self, name, kind=kind, head=head):
            asks = sys._getframe(1).f_code.co_filename
            if name in kind.model_fields and asks != module.__file__:  # not its own validators
                seen.add(head + name)
            return super(kind, self).__getattribute__(name)

        patch.setattr(kind, "__getattribute__", watched, raising=False)


def _execute(path: Path, **given) -> None:
    names: dict = {"display": lambda *_: None}
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", []):
                names |= {name: str(value) for name, value in given.items()}
                if "effort" in names:
                    names["effort"] = "quick"
