"""Latent classes: numbers, yes or no and categories together, gaps by full information (StepMix).

Sources: Lazarsfeld & Henry (1968); Morin et al. (2025) for the estimation in StepMix. A class that
has no account of a level keeps a probability of 1e-15 for it, as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp

from seglib.clustering.bench import Bench
from seglib.clustering.candidate import Candidate, Refit, make_candidate
from seglib.clustering.certificate import Certificate, certify
from seglib.clustering.latent_model import (
    BinaryEmission,
    Emission,
    GaussianEmission,
    LatentClass,
    LevelEmission,
)
from seglib.clustering.preprocessing import CategoryStep, NumberStep, Preprocessing
from seglib.clustering.steps import Step

Matrix = NDArray[np.float64]
Labels = NDArray[np.integer]

FLOOR = 1e-2
"""Least variance of a number within a class, in units of its own variance, so that no class sits on
one value and calls it structure."""
_RESTARTS = {"quick": 16, "standard": 32, "thorough": 200}
_TOLERANCE = 1e-5  # relative difference of log-likelihood below which two runs may be one optimum
_FAILED = 1e300  # objective of a run in which a class ran empty
_FLOORED = "gaussian_floored_nan"
_STARTS = 3  # of a fit that is drawn again
_ROUNDS = 300
_LEAST_RISE = 1e-6  # of the log-likelihood of a row


@dataclass(frozen=True)
class Columns:
    """The columns of the matrix by kind: numbers first, then yes or no, then categories.

    Attributes
    ----------
    numbers, flags, categories
        Places of the steps of each kind in the preprocessing.
    """

    numbers: tuple[int, ...]
    flags: tuple[int, ...]
    categories: tuple[int, ...]

    @property
    def order(self) -> tuple[int, ...]:
        """Place in the preprocessing of each column of the matrix."""
        return self.numbers + self.flags + self.categories

    def descriptor(self) -> dict[str, dict[str, Any]]:
        """What StepMix is told: the emissions, in order."""
        parts: dict[str, dict[str, Any]] = {}
        if self.numbers:
            parts["numbers"] = {"model": _FLOORED, "n_columns": len(self.numbers)}
        if self.flags:
            parts["flags"] = {"model": "binary_nan", "n_columns": len(self.flags)}
        for (
            place
        ) in self.categories:  # one each: StepMix gives all of one the same number of levels
            parts[f"category {place}"] = {"model": "categorical_nan", "n_columns": 1}
        return parts


def latent_preprocessing(
    preprocessing: Preprocessing, frame: pd.DataFrame
) -> tuple[Preprocessing, Columns]:
    """Leave gaps, keep yes or no as 1 and 0 and levels as they are.

    Returns
    -------
    tuple
        The preprocessing and what its columns are. A rare or new level tells nothing.
    """
    steps: list[Step] = []
    numbers, flags, categories = [], [], []
    for place, step in enumerate(preprocessing.steps):
        if isinstance(step, CategoryStep):
            steps.append(step.model_copy(update={"weight": 1.0, "gaps": False}))
            categories.append(place)
        elif isinstance(step, NumberStep) and _is_binary(frame[step.variable]):
            steps.append(NumberStep(variable=step.variable, fill=None))
            flags.append(place)
        else:
            steps.append(step.model_copy(update={"fill": None, "weight": 1.0}))
            numbers.append(place)
    columns = Columns(tuple(numbers), tuple(flags), tuple(categories))
    return Preprocessing(steps=tuple(steps)), columns


def _is_binary(values: pd.Series) -> bool:
    return set(values.dropna().astype("float64").unique()) <= {0.0, 1.0}


def fit_latent_class(
    x: Matrix, columns: Columns, k: int, *, seed: int, max_restarts: int = 32, min_hits: int = 5
) -> tuple[Any, Labels, Certificate]:
    """Fit by StepMix, restarted until the best optimum came back.

    Parameters
    ----------
    x
        One column per variable: codes from 0 for a category, NaN for a gap (see :func:`coded`).
    columns
        What they are.
    k
        Number of classes.
    seed
        Of the starts.
    max_restarts, min_hits
        Of the certificate; its objective is minus the log-likelihood.

    Returns
    -------
    tuple
        StepMix's model (None where a class ran empty in every run), the label of each row from 0,
        and the certificate.
    """
    rng = np.random.default_rng(seed)
    best: list[Any] = [_FAILED, None, np.zeros(len(x), dtype=np.int64)]
    register_floor()

    def restart(count: int) -> tuple[Matrix, Labels]:
        objectives, labels = [], []
        for start in rng.integers(2**31, size=count):
            model, logs = _run(x, columns, k, int(start))
            objective = -float(logsumexp(logs, axis=1).sum())
            objective = objective if np.isfinite(objective) else _FAILED
            if objective < best[0]:
                best[:] = objective, model, logs.argmax(axis=1)
            objectives.append(objective)
            labels.append(logs.argmax(axis=1))
        return np.array(objectives), np.stack(labels)

    certificate = certify(restart, max_restarts=max_restarts, min_hits=min_hits, tol=_TOLERANCE)
    return best[1], best[2], certificate


def _run(x: Matrix, columns: Columns, k: int, seed: int) -> tuple[Any, Matrix]:
    """One run from a random start: the model, and the log of share times likelihood."""
    from stepmix.stepmix import StepMix

    with np.errstate(all="ignore"):  # a class that runs empty divides by nothing; it is not kept
        model = StepMix(
            k, measurement=columns.descriptor(), random_state=seed, max_iter=_ROUNDS,
            abs_tol=_LEAST_RISE, progress_bar=0, verbose=0,
        ).fit(x)  # fmt: skip
        return model, np.log(model.weights_) + model._mm.log_likelihood(x)


def register_floor() -> None:
    """Teach StepMix a normal emission whose variance has a floor; it has none of its own."""
    from stepmix.emission import build_emission
    from stepmix.emission.gaussian import GaussianDiagNan

    class Floored(GaussianDiagNan):
        def _compute_cov(self, X: Matrix, resp: Matrix, resp_sums: list[Matrix]) -> Matrix:
            return np.maximum(super()._compute_cov(X, resp, resp_sums), FLOOR)

    build_emission.EMISSION_DICT.setdefault(_FLOORED, Floored)


def coded(preprocessing: Preprocessing, columns: Columns, frame: pd.DataFrame) -> Matrix:
    """One column per variable, as StepMix takes them: levels as codes from 0, gaps as NaN."""
    made = []
    for place in columns.order:
        values = preprocessing.steps[place].values(frame)
        if place in columns.categories:
            codes = values.argmax(axis=1).astype(float)
            codes[values.sum(axis=1) == 0] = np.nan
            values = codes[:, None]
        made.append(values)
    return np.hstack(made)


def as_data(model: Any, preprocessing: Preprocessing, columns: Columns) -> LatentClass:
    """Take a fitted StepMix model over into plain data."""
    parts = {name: part.parameters for name, part in model._mm.models.items()}
    emissions: list[Emission] = []
    for place, step in enumerate(preprocessing.steps):
        if isinstance(step, CategoryStep):
            levels = _padded(parts[f"category {place}"]["pis"], len(step.levels))
            emissions += [LevelEmission(probabilities=_row(p)) for p in levels.T]
        elif place in columns.flags:
            chances = np.clip(parts["flags"]["pis"][:, columns.flags.index(place)], 0.0, 1.0)
            emissions.append(BinaryEmission(probabilities=_row(chances)))
        else:
            column = columns.numbers.index(place)
            means, spreads = (parts["numbers"][n][:, column] for n in ("means", "covariances"))
            emissions.append(GaussianEmission(means=_row(means), variances=_row(spreads)))
    weights = _row(np.maximum(model.weights_, 1e-300))
    return LatentClass(preprocessing=preprocessing, weights=weights, emissions=tuple(emissions))


def _padded(probabilities: Matrix, levels: int) -> Matrix:
    missing = levels - probabilities.shape[1]
    return np.clip(np.pad(probabilities, ((0, 0), (0, missing))), 0.0, 1.0)


def _row(values: Matrix) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def latent_candidates(bench: Bench) -> list[Candidate]:
    """Latent classes for every k, with a restart certificate."""
    frame, seed = bench.accounts.frame, bench.brief.seed
    preprocessing, columns = latent_preprocessing(bench.preprocessing, frame)
    x = coded(preprocessing, columns, frame)
    made = []
    for k in bench.ks:
        fit, labels, certificate = fit_latent_class(
            x, columns, k, seed=seed, max_restarts=_RESTARTS[bench.study.clustering.effort]
        )
        if fit is None:
            continue
        model = as_data(fit, preprocessing, columns)
        bic = np.log(len(x)) * fit.n_parameters + 2.0 * certificate.best_objective
        made.append(
            make_candidate("latent-class", model, bench, labels + 1, note=certificate.sentence(),
                           certified=certificate.certified, bic=float(bic),
                           refit=_refit(x, columns, k, seed))
        )  # fmt: skip
    return made


def _refit(x: Matrix, columns: Columns, k: int, seed: int) -> Refit:
    def fit(half: Matrix, rows: Matrix) -> Labels:
        model, _, _ = fit_latent_class(
            half, columns, k, seed=seed, max_restarts=_STARTS, min_hits=_STARTS
        )
        if model is None:
            return np.zeros(len(rows), dtype=np.int64)
        with np.errstate(all="ignore"):
            return model.predict(rows)

    return Refit(x, fit)
