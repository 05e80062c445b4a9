import pytest

from seglib.criteria import weights_of
from seglib.errors import StudyError
from seglib.objectives import data_support, make_brief, objectives
from seglib.objectives.tables import brief_table, catalogue_table, hypothesis_table
from seglib.variables import variables

ORDERS = (
    "order_id,account_id,order_date,amount\n"
    "a,1,2025-12-01,10.5\nb,2,2025-12-05,20\nc,2,2026-01-05,30\nd,3,2026-01-08,40\n"
)
OWN = {"title": "Mine", "question": "Who?", "bases": ["behavioural"]}


def briefed(study):
    return make_brief(study, data_support(study))


def test_catalogue_names_only_what_exists():
    for key, objective in objectives().items():
        assert set(objective.outcomes) <= set(variables()), key
        assert all(variables()[o].role == "outcome" for o in objective.outcomes), key
    assert len(catalogue_table()) == len(objectives()) >= 9


def test_outcome_is_the_first_that_the_data_have(write_study):
    brief = briefed(write_study({"orders.csv": ORDERS}, objective="high_value_accounts"))
    assert brief.outcome == "revenue_12m"
    brief = briefed(write_study({"orders.csv": ORDERS}, objective="satisfaction"))
    assert brief.outcome == "retained"
    assert "'satisfaction' is not in the data; 'retained' judges instead." in brief.notes


def test_an_outcome_never_forms_segments(write_study):
    study = write_study({"orders.csv": ORDERS}, bases=["behavioural", "value"])
    assert not {"revenue", "revenue_12m", "retained"} & set(briefed(study).variables)


def test_own_objective_and_single_variables(write_study):
    study = write_study({"orders.csv": ORDERS}, objective=OWN, bases=["order_value"])
    brief = briefed(study)
    assert (brief.objective, brief.variables, brief.outcome) == ("own", ("order_value",), None)
    assert len(brief_table(brief, data_support(study))) == 8


def test_hypotheses_say_how_they_are_judged(write_study):
    belief = {"text": "Large ones buy more.", "source": "interview", "variable": "employees"}
    study = write_study({"orders.csv": ORDERS}, objective=OWN, hypotheses=[belief])
    register = briefed(study).hypotheses
    assert [h.possible for h in register] == [False]
    assert "the data have no 'employees'" in hypothesis_table(briefed(study))["judged_by"][0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"objective": "retension"}, "Unknown objective 'retension'. Did you mean 'retention'?"),
        ({"objective": {"title": "x"}}, "'question' is missing"),
        ({"bases": ["behavoural"]}, "Unknown base 'behavoural'. Did you mean 'behavioural'?"),
        ({"bases": ["needs"]}, "None of the bases (needs) has a variable"),
        ({"evaluation": {"accesible": 1}}, "Did you mean 'accessible'?"),
        ({"evaluation": {"accessible": -1}}, "must not be negative"),
        ({"targeting": {"attractiveness": {"revenu": 1}}}, "Did you mean 'revenue'?"),
    ],
)
def test_wrong_wishes_are_named(write_study, fields, said):
    study = write_study({"orders.csv": ORDERS}, **fields)
    with pytest.raises(StudyError) as error:
        briefed(study)
    assert said in str(error.value)


def test_firmographics_alone_are_warned_of(write_study):
    accounts = "account_id,industry,employees\n1,a,5\n2,b,6\n3,c,7\n"
    study = write_study({"accounts.csv": accounts}, bases=["firmographic"])
    assert any("seldom suffice" in note for note in briefed(study).notes)


def test_later_steps_may_not_add_variables(write_study):
    brief = briefed(write_study({"orders.csv": ORDERS}))
    brief.obey(list(brief.variables))
    with pytest.raises(StudyError, match="The brief does not declare it"):
        brief.obey(["employees"])


def test_the_studys_targeting_weights_are_laid_over_the_objectives(write_study):
    own = {**OWN, "attractiveness": {"revenue": 2, "size": 1}, "competitiveness": {"win_rate": 1}}
    changes = {"attractiveness": {"size": 2}}
    study = write_study({"orders.csv": ORDERS}, objective=own, targeting=changes)
    brief = briefed(study)
    assert brief.attractiveness == {"revenue": 0.5, "size": 0.5}
    assert brief.competitiveness == {"win_rate": 1.0}


def test_targeting_weights_are_known_criteria():
    for key, objective in objectives().items():
        assert weights_of("attractiveness", objective.attractiveness), key
        assert weights_of("competitiveness", objective.competitiveness), key
