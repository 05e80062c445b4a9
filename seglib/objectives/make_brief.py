"""Write the brief: objective, outcome, bases and hypotheses, as far as the data support them."""

from __future__ import annotations

from collections.abc import Mapping

from seglib.criteria import Axis, weights_of
from seglib.errors import StudyError, unknown
from seglib.objectives.brief import Brief, HypothesisToJudge
from seglib.objectives.catalogue import Objective, choose_objective
from seglib.objectives.support import Support
from seglib.schema import FAMILIES
from seglib.study import Hypothesis, Study
from seglib.variables import Variable, study_variables

_OBSERVED = ("firmographic", "geographic", "technographic")


def make_brief(study: Study, support: Support) -> Brief:
    """Decide, before any segment is looked for, what the later steps obey.

    Parameters
    ----------
    study
        The study.
    support
        What its data can say.

    Returns
    -------
    Brief
        ``notes`` says what the objective asks for and the data do not have.

    Raises
    ------
    StudyError
        When a base, a weight or a criterion is not known, or when no base has a variable.
    """
    key, objective = choose_objective(study)
    bases = tuple(study.bases if study.bases is not None else objective.bases)
    attractiveness, competitiveness, problems = _targeting(study, objective)
    problems = [*_problems(study, objective, bases), *problems]
    if problems:
        raise StudyError(problems, where="the study")
    outcome = next((o for o in objective.outcomes if o in support.variables), None)
    variables = _base_variables(bases, support, outcome)
    if not variables:
        raise StudyError(
            f"None of the bases ({', '.join(bases)}) has a variable that the data support; "
            f"the data support: {_supported(support)}.",
            where="'bases'",
        )
    return Brief(
        study=study.title or study.name,
        objective=key,
        title=objective.title,
        question=objective.question,
        decides=objective.decides,
        outcome=outcome,
        higher_is_better=objective.higher_is_better,
        kpis=objective.kpis,
        bases=bases,
        variables=tuple(variables),
        descriptors=tuple(_descriptors(support, variables)),
        weights={**objective.evaluation, **study.evaluation},
        attractiveness=attractiveness,
        competitiveness=competitiveness,
        capacity=study.clustering.capacity,
        min_segments=study.clustering.min_segments,
        min_share=study.clustering.min_share,
        hypotheses=tuple(_register(objective, study, support)),
        currency=study.currency,
        as_of=study.as_of.isoformat() if study.as_of else "",
        seed=study.seed,
        notes=tuple(_notes(objective, bases, support, outcome)),
    )


def _targeting(
    study: Study, objective: Objective
) -> tuple[dict[str, float], dict[str, float], list[str]]:
    """Weights of both targeting axes, the study's laid over the objective's, and what is wrong."""
    problems: list[str] = []
    found: list[dict[str, float]] = []
    axes: tuple[Axis, ...] = ("attractiveness", "competitiveness")
    for axis in axes:
        try:
            stated, changes = getattr(objective, axis), getattr(study.targeting, axis)
            found.append(weights_of(axis, stated, changes))
        except StudyError as error:
            problems += error.problems
            found.append({})
    return found[0], found[1], problems


def _problems(study: Study, objective: Objective, bases: tuple[str, ...]) -> list[str]:
    known = [*FAMILIES, *study_variables(study)]
    weights = list(objective.evaluation)
    wrong = [unknown("base", base, known) for base in bases if base not in known]
    wrong += [
        unknown("evaluation weight", w, weights) for w in study.evaluation if w not in weights
    ]
    wrong += [
        f"The evaluation weight '{w}' must not be negative."
        for w, value in study.evaluation.items()
        if value < 0
    ]
    return wrong


def _base_variables(bases: tuple[str, ...], support: Support, outcome: str | None) -> list[str]:
    """Variables of the base families and single ones named; an outcome never forms segments."""
    chosen = []
    for name, variable in support.variables.items():
        named = name in bases and variable.role != "outcome"
        of_family = variable.family in bases and variable.role in (None, "base")
        if (named or of_family) and name != outcome:
            chosen.append(name)
    return chosen


def _descriptors(support: Support, bases: list[str]) -> list[str]:
    return [
        name
        for name, variable in support.variables.items()
        if name not in bases and variable.role in (None, "descriptor")
    ]


def _register(objective: Objective, study: Study, support: Support) -> list[HypothesisToJudge]:
    return [
        _to_judge(hypothesis, support.variables)
        for hypothesis in (*objective.hypotheses, *study.hypotheses)
    ]


def _to_judge(hypothesis: Hypothesis, there: Mapping[str, Variable]) -> HypothesisToJudge:
    variable = there.get(hypothesis.variable)
    if variable is None:
        judged_by = f"cannot be judged: the data have no '{hypothesis.variable}'"
    else:
        test = "χ²" if variable.kind in ("category", "flag") else "Kruskal–Wallis"
        judged_by = f"{test} test of '{variable.label}' over the segments (step 04)"
    return HypothesisToJudge(
        text=hypothesis.text,
        source=hypothesis.source,
        variable=hypothesis.variable,
        expects=hypothesis.expects,
        judged_by=judged_by,
        possible=variable is not None,
    )


def _notes(
    objective: Objective, bases: tuple[str, ...], support: Support, outcome: str | None
) -> list[str]:
    families = {v.family for v in support.variables.values() if v.role in (None, "base")}
    notes = [
        f"The base '{base}' has no variable in these data."
        for base in bases
        if base in FAMILIES and base not in families
    ]
    if set(bases) <= set(_OBSERVED):
        notes.append("Firmographics and the like alone form these segments; they seldom suffice.")
    if outcome is None:
        notes.append("The data hold no outcome for this objective: nothing judges the segments.")
    elif outcome != objective.outcomes[0]:
        notes.append(f"'{objective.outcomes[0]}' is not in the data; '{outcome}' judges instead.")
    return notes


def _supported(support: Support) -> str:
    families = dict.fromkeys(v.family for v in support.variables.values())
    return ", ".join(families) or "nothing"
