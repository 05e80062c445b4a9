"""The fewest questions that place a company in a segment, learned and tested on customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from seglib.charts.style import listed
from seglib.collection.account_table import AccountTable
from seglib.intervals import Z
from seglib.profiling.intervals import generator
from seglib.profiling.members import members, segment_counts
from seglib.profiling.questions_learn import (
    accuracy_curve,
    decisive_leads,
    fewest_questions,
    held_out_scores,
    question_order,
)
from seglib.profiling.regions import Region
from seglib.profiling.rules import MIN_ACCOUNTS
from seglib.profiling.scorecard import (
    Ints,
    Question,
    Scorecard,
    answer_points,
    leading,
    possible_questions,
)
from seglib.profiling.typing_tool import LEARNED, SURE, typing_variables
from seglib.profiling.wording import short, small
from seglib.quotes import percent, quote

_CURVE = ["questions", "added", "accuracy", "low", "high", "placed", "right"]


@dataclass(frozen=True)
class Questionnaire:
    """The short typing tool.

    Attributes
    ----------
    card
        The scorecard of the fewest questions; None where none could be learned.
    curve
        One row per number of questions: the label of the question ``added`` last, balanced
        ``accuracy`` on held-out customers with its interval ``low`` to ``high`` when everybody
        must be placed, and when those without a clear lead are not: share ``placed``, and share of
        these placed ``right``.
    baseline
        Accuracy of placing everybody in one segment.
    customers
        Customers learned from.
    skipped
        Segments too small to be learned.
    reason
        Why nothing could be learned, its figures quoted; else empty.
    """

    card: Scorecard | None
    curve: pd.DataFrame
    baseline: float = float("nan")
    customers: int = 0
    skipped: tuple[int, ...] = ()
    reason: str = ""

    @property
    def beats_chance(self) -> bool:
        """Whether the questions are shown to be better than placing everybody in one segment.

        The number of questions was chosen by its accuracy, so that the interval is widened for as
        many looks (Bonferroni).
        """
        if self.card is None:
            return False
        row, looks = self._chosen, len(self.curve)
        error = (row["accuracy"] - row["low"]) / Z
        return bool(row["accuracy"] - error * stats.norm.isf(0.025 / looks) > self.baseline)

    @property
    def _chosen(self) -> pd.Series[Any]:
        return self.curve.iloc[len(self.card.questions) - 1 if self.card else 0]

    def sentence(self, accounts: AccountTable) -> str:
        """Say which questions place a company, and how well; the figures are quoted."""
        if self.card is None:
            return self.reason
        row, count = self._chosen, len(self.card.questions)
        asked = _asked([accounts.label(q.column) for q in self.card.questions])
        accuracy, low, high, placed, right = (
            quote(f"questions_{key}", row[key], percent)
            for key in ("accuracy", "low", "high", "placed", "right")
        )
        chance = quote("questions_chance", self.baseline, percent)
        figures = (
            f"{accuracy} of an average segment (95 % interval {low} to {high}), against {chance} "
            "by chance"
        )
        what = f"{quote('questions', count)} question{'s' if count > 1 else ''} ({asked})"
        what += " are" if count > 1 else " is"
        if not self.beats_chance:
            return f"No questions place companies: {what} right for {figures}."
        if row["placed"] == 0:
            sure = quote("questions_sure", SURE, percent)
            return (
                f"{what} right for {figures}, but no answers are right in {sure} of the cases: "
                "nobody is placed by them."
            )
        return (
            f"{what} right for {figures}. Of all customers held out, {placed} have answers clear "
            f"enough to be placed, {right} of these right"
            + ("; of the others the questions cannot say." if row["placed"] < 1 else ".")
        )


def _asked(labels: Sequence[str]) -> str:
    """List what is asked; what several labels begin with is said once.

    Examples
    --------
    >>> _asked(["Need: price", "Industry", "Need: service", "Value: risk"])
    'need: price and service; industry; value: risk'
    """
    parts: dict[str, list[str]] = {}
    for label in labels:
        head, _, rest = label.partition(": ")
        parts.setdefault(small(head), []).extend([rest] if rest else [])
    return "; ".join(f"{head}: {listed(rest)}" if rest else head for head, rest in parts.items())


def question_variables(accounts: AccountTable) -> list[str]:
    """Name the variables that one can ask a company for, or look up.

    Those of the typing tool without what is only seen in its contacts with our marketing.
    """
    return [
        name
        for name in typing_variables(accounts)
        if not accounts.columns[name].source.startswith("engagements.")
    ]


def questionnaire(
    accounts: AccountTable,
    assignments: pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    seed: int,
) -> Questionnaire:
    """Find the fewest questions that place a company.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment`` of the customers.
    variables
        What may be asked; :func:`question_variables` when not given.
    seed
        Of the folds.

    Returns
    -------
    Questionnaire

    Notes
    -----
    Points are those of naive Bayes with every segment weighing the same, so that a question
    without an answer simply gives none. Questions are taken one by one, each time the one that
    lowers the log loss on held-out customers most. All of this is done anew within each of five
    folds, and the curve is what the customers of the fold left out show. Chosen is the smallest
    number of questions whose accuracy is within one standard error of the best. A company is
    placed from the lead on at which 70 % are right, by isotonic regression on the customers held
    out, for each segment, five doubtful accounts added.
    """
    placed = members(accounts, assignments)
    counts = segment_counts(assignments)
    large = [int(s) for s in counts.index if counts[s] >= MIN_ACCOUNTS]
    skipped = tuple(int(s) for s in counts.index if s not in large)
    kept = np.flatnonzero(np.isin(placed.segment, large))
    if len(kept) > LEARNED:
        kept = np.sort(generator(seed, "questions").choice(kept, LEARNED, replace=False))
    names = list(variables) if variables is not None else question_variables(accounts)
    categories = [n for n in names if accounts.columns[n].kind == "category"]
    frame = placed.frame.iloc[kept].reset_index(drop=True)
    asked = possible_questions(frame, names, categories) if len(frame) else []
    if len(large) < 2 or not asked:
        why = (
            "nothing that can be asked varies between customers"
            if len(large) >= 2
            else f"fewer than two segments have {quote('questions_least', MIN_ACCOUNTS)} accounts"
        )
        empty = pd.DataFrame(columns=_CURVE)
        reason = f"No questions can be learned: {why}."
        return Questionnaire(None, empty, skipped=skipped, reason=reason)
    codes = np.array([question.coded(frame) for question in asked])
    segment = np.searchsorted(large, placed.segment[kept])
    return _learned(accounts, asked, codes, segment, large, skipped, seed)


def _learned(
    accounts: AccountTable,
    asked: list[Question],
    codes: Ints,
    segment: Ints,
    large: list[int],
    skipped: tuple[int, ...],
    seed: int,
) -> Questionnaire:
    sizes, k = [len(q.answers) for q in asked], len(large)
    order = question_order(codes, segment, sizes, k, seed)
    scores = held_out_scores(codes, segment, sizes, k, seed)
    curve, hits = accuracy_curve(scores, segment), []
    for number in range(len(curve)):
        leads = decisive_leads(scores[number], segment)
        best, lead = leading(scores[number])
        sure = (np.array(leads)[best] > 0) & (lead >= np.array(leads)[best])
        right = float((best == segment)[sure].mean()) if sure.any() else float("nan")
        hits.append((accounts.label(asked[order[number]].column), float(sure.mean()), right))
    curve["added"], curve["placed"], curve["right"] = zip(*hits, strict=True)
    count = fewest_questions(curve)
    chosen = tuple(
        replace(asked[v], points=tuple(
            tuple(int(p) for p in row) for row in answer_points(codes[v], segment, sizes[v], k)
        ))
        for v in order[:count]
    )  # fmt: skip
    card = Scorecard(chosen, tuple(large), decisive_leads(scores[count - 1], segment))
    return Questionnaire(card, curve[_CURVE], 1 / k, len(segment), skipped)


def question_table(
    found: Questionnaire, accounts: AccountTable, names: Mapping[int, str]
) -> pd.DataFrame:
    """Lay the questions out: one row an answer, its points for each segment.

    Returns
    -------
    DataFrame
        ``question``, ``answer``, and a column of points for each segment, named by it.
    """
    if found.card is None:
        return pd.DataFrame(columns=["question", "answer"])
    rows = []
    for place, question in enumerate(found.card.questions, start=1):
        for answer, points in zip(question.answers, question.points, strict=True):
            told = dict(zip((names[s] for s in found.card.segments), points, strict=True))
            title = f"{place}. {accounts.label(question.column)}"
            rows.append({"question": title, "answer": answer_text(answer, accounts), **told})
    return pd.DataFrame(rows)


def answer_text(answer: Region, accounts: AccountTable) -> str:
    """Say one answer in words, without the question.

    Examples
    --------
    >>> from seglib.schema import ColumnInfo
    >>> info = ColumnInfo(name="online", role="base", kind="share", label="Bought on-line",
    ...                   definition="Share bought on-line")
    >>> table = AccountTable(pd.DataFrame({"online": [0.1]}), {"online": info})
    >>> answer_text(Region("online", above=0.125, up_to=0.5), table)
    'over 12.5 % and up to 50 %'
    """
    info = accounts.columns[answer.column]
    if not answer.is_number:
        return short(answer.only[0]) if answer.only else "any other"
    if info.kind == "flag":
        return "yes" if answer.above >= 0 else "no"
    share = info.kind == "share"
    unit = " %" if share else f" {info.unit}" if info.unit else ""
    low, high = (f"{100 * v:.4g}" if share else f"{v:,.15g}" for v in (answer.above, answer.up_to))
    if np.isfinite(answer.above) and np.isfinite(answer.up_to):
        return f"over {low}{' %' if share else ''} and up to {high}{unit}"
    return f"over {low}{unit}" if np.isfinite(answer.above) else f"at most {high}{unit}"
