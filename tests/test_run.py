import json

import pandas as pd
import pytest

from seglib.errors import DataError, MissingArtifact, StudyError
from seglib.run import Manifest, Run, file_hash
from seglib.study import Study

STUDY = Study(name="small")
FRAME = pd.DataFrame({"account_id": ["a", "b"], "x": [1.5, None]})


def manifest(run, status):
    return Manifest(run_id=run.id, study="small", status=status, started="2026-01-01T00:00:00Z")


def test_published_whole_or_not_at_all(tmp_path):
    first = Run.start(STUDY, tmp_path)
    assert first.folder.name.endswith(".partial")
    first.write_table("accounts.parquet", FRAME)
    good = first.finish(manifest(first, "done"))
    assert (tmp_path / "latest").resolve() == good.folder.resolve()
    second = Run.start(STUDY, tmp_path)
    second.write_json("brief.json", {"a": 1})
    bad = second.finish(manifest(second, "failed"))
    assert bad.folder.name.endswith(".failed")
    assert (tmp_path / "latest").resolve() == good.folder.resolve()
    assert good.manifest.artifacts == {
        "accounts.parquet": file_hash(good.folder / "accounts.parquet")
    }


def test_two_runs_of_one_second_do_not_mix(tmp_path):
    folders = {Run.start(STUDY, tmp_path).folder for _ in range(5)}
    assert len(folders) == 5


def test_tables_carry_their_columns_and_same_content_same_bytes(tmp_path):
    columns = {"x": {"unit": "EUR"}}
    hashes = set()
    for name in ("one", "two"):
        run = Run(tmp_path / name)
        path = run.write_table("accounts.parquet", FRAME.copy(), columns)
        hashes.add(file_hash(path))
        assert run.read_columns("accounts.parquet") == columns
        pd.testing.assert_frame_equal(run.read_table("accounts.parquet"), FRAME)
    assert len(hashes) == 1


def test_missing_artifacts_name_their_step(tmp_path):
    run = Run(tmp_path)
    with pytest.raises(MissingArtifact, match=r"made by step 03 \(cluster analysis\)"):
        run.read_table("assignments.parquet")
    with pytest.raises(StudyError, match=r"Did you mean 'accounts\.parquet'"):
        run.write_table("acounts.parquet", FRAME)
    with pytest.raises(StudyError, match="no run folder"):
        Run.open(tmp_path / "nowhere")


def test_json_refuses_what_is_not_a_number(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        Run(tmp_path).write_json("brief.json", {"x": float("nan")})
    Run(tmp_path).write_json("brief.json", {"ü": "→"})
    assert json.loads((tmp_path / "brief.json").read_text(encoding="utf-8")) == {"ü": "→"}


@pytest.mark.parametrize("name", ["segments.json", "assignments.parquet"])
@pytest.mark.parametrize("content", [b"", b'[{"segment": 1,', b"\xff\xfe\x00", b"PAR1"])
def test_a_damaged_artifact_is_named_with_its_run(tmp_path, name, content):
    run = Run.start(STUDY, tmp_path)
    (run.folder / name).write_bytes(content)
    for read in [run.read_json] if name.endswith("json") else [run.read_table, run.read_columns]:
        with pytest.raises(DataError, match=f"'{name}' of run '{run.id}' cannot be read: .*run it"):
            read(name)
