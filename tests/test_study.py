import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.errors import StudyError
from seglib.knowledge import parse_yaml
from seglib.study import Study


def problems(tmp_path, text, overrides=None):
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        Study.load(path, overrides)
    return str(error.value)


def test_all_problems_at_once(tmp_path):
    said = problems(
        tmp_path,
        "name: My Study\nobjctive: retention\nseed: '3'\nas_of: 30 Sept\n"
        "clustering: {k_min: 9, k_max: 4, metods: [kmeans]}\ntables: {acounts: {from: a}}\n",
    )
    for part in (
        "'name': use 1-63 small letters",
        "Unknown key 'objctive'. Did you mean 'objective'?",
        "'seed'",
        "'as_of'",
        "Unknown key 'clustering.metods'. Did you mean 'methods'?",
        "Unknown table 'acounts'. Did you mean 'accounts'?",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b: c", "line 1"),
        ("- 1", "'key: value' lines"),
        ("name: a\nname: b", "'name' stands twice"),
        ("a: &x 1\nb: *x", "aliases"),
        ("? [1]\n: 2", "plain name"),
        ("name: !!python/object/apply:os.system [ls]", "not valid YAML"),
    ],
)
def test_broken_or_hostile_yaml(tmp_path, text, said):
    assert said in problems(tmp_path, text)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(StudyError, match="There is no file"):
        Study.load(tmp_path / "study.yaml")
    with pytest.raises(StudyError, match="is a folder"):
        Study.load(tmp_path)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"kk": 5}, "Unknown parameter 'kk'. Did you mean 'k'?"),
        ({"k": "5"}, "'clustering.k': input should be a valid integer, got '5'."),
        ({"clustering.kmax": 3}, "Unknown key 'clustering.kmax'. Did you mean 'k_max'?"),
        ({"name.x": 3}, "'name' holds no fields"),
    ],
)
def test_wrong_overrides(tmp_path, overrides, said):
    assert said in problems(tmp_path, "name: a\n", overrides)


def test_overrides_and_where_paths_start(tmp_path, monkeypatch):
    (tmp_path / "study.yaml").write_text("name: a\nsource: tables\n", encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    study = Study.load(tmp_path / "study.yaml", {"k": 5, "method": "ward"})
    assert study.location == tmp_path / "tables"
    assert (study.clustering.k, study.clustering.method) == (5, "ward")
    typed = Study.load(tmp_path / "study.yaml", {"source": "mine"})
    assert typed.location == elsewhere / "mine"
    assert study.override(k=None).clustering.k == 5
    assert study.override(k=3).location == tmp_path / "tables"


def test_yaml_round_trip(tmp_path):
    text = (
        "name: a\nas_of: 2026-09-30\ntables:\n  accounts:\n    from: t\n    columns: "
        "{account_id: X, status: {column: z, map: {customer: [a, b]}}}\n"
    )
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    study = Study.load(tmp_path / "study.yaml")
    (tmp_path / "again.yaml").write_text(study.to_yaml(), encoding="utf-8")
    assert Study.load(tmp_path / "again.yaml") == study


@given(st.text(max_size=40))
def test_names_are_safe_folder_names(name):
    try:
        study = Study(name=name)
    except ValueError:
        return
    assert "/" not in study.name
    assert study.name.strip(".") == study.name


def test_values_arrive_as_what_they_are():
    assert parse_yaml("[true, no, 01234, 1e3, 2026-09-30, 5, 1_000, ~]") == [
        True, "no", "01234", "1e3", "2026-09-30", 5, 1000, None,
    ]  # fmt: skip
