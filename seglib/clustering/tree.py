"""An honest decision tree on the outcome: one half of the accounts grows it, the other prunes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import skew
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeRegressor

from seglib.clustering.models import Tree, TreeNode
from seglib.clustering.preprocessing import Preprocessing, fit_preprocessing
from seglib.collection import AccountTable
from seglib.objectives import Brief
from seglib.variables import variables

_MANY_LEVELS = 50
_FEWEST = 40  # accounts with a known outcome, below which no tree is grown


def fit_tree(accounts: AccountTable, brief: Brief, *, max_leaves: int) -> tuple[Tree, str] | None:
    """Grow a tree that tells the outcome from everything that does not contain it.

    Half of the accounts choose the splits; cost-complexity pruning is chosen by five-fold
    cross-validation within that half, by the one-standard-error rule (Breiman et al. 1984). The
    other half says what the tree is worth (Athey & Imbens 2016: honest splitting).

    Parameters
    ----------
    accounts
        The accounts that segments are formed from.
    brief
        Names the outcome.
    max_leaves
        Largest number of segments.

    Returns
    -------
    tuple of Tree and str, or None
        The tree and a sentence with its held-out R²; None without an outcome, without enough
        accounts that have one, or when no split survives pruning.
    """
    names = tree_inputs(accounts, brief)
    if brief.outcome is None or brief.outcome not in accounts.frame or not names:
        return None
    outcome = accounts.frame[brief.outcome]
    known = outcome.notna().to_numpy()
    if known.sum() < _FEWEST or outcome.nunique() < 2:
        return None
    preprocessing = fit_preprocessing(accounts, names, standardise=False)
    X = preprocessing.transform(accounts.frame)[known]
    y = _spread(outcome[known].to_numpy(dtype=float))
    grow = np.zeros(len(y), dtype=bool)
    grow[np.random.default_rng(brief.seed).permutation(len(y))[: len(y) // 2]] = True
    leaf = max(10, int(brief.min_share * grow.sum()))
    fit = _pruned(X[grow], y[grow], max_leaves, leaf, brief.seed)
    if fit.get_n_leaves() < 2:
        return None
    r2 = float(fit.score(X[~grow], y[~grow]))
    label = accounts.label(brief.outcome)
    note = (
        f"explains {max(r2, 0.0):.0%} of the spread of '{label}' in the half that did not grow it"
    )
    return Tree(preprocessing=preprocessing, nodes=_nodes(fit, preprocessing)), note


def tree_inputs(accounts: AccountTable, brief: Brief) -> list[str]:
    """Bases and observable descriptors that neither contain the outcome nor are its part."""
    words = variables()
    contains = {n for n, v in words.items() if brief.outcome in v.contains}
    usable = [*brief.variables, *accounts.names(role="descriptor", observable=True)]
    return [
        name
        for name in dict.fromkeys(usable)
        if name in accounts.columns
        and name not in contains
        and name != brief.outcome
        and _tells(accounts, name)
    ]


def _tells(accounts: AccountTable, name: str) -> bool:
    """Whether a variable differs, and is not a category with almost a level per account."""
    levels = accounts.frame[name].nunique(dropna=True)
    many = accounts.columns[name].kind == "category" and levels > _MANY_LEVELS
    return levels > 1 and not many


def _spread(y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put a skewed outcome without negative values on a logarithmic scale."""
    skewed = y.min() >= 0 and float(skew(y, bias=False)) > 1
    return np.log1p(y) if skewed else y


def _pruned(
    X: NDArray[np.float64], y: NDArray[np.float64], leaves: int, leaf: int, seed: int
) -> DecisionTreeRegressor:
    def tree(alpha: float) -> DecisionTreeRegressor:
        return DecisionTreeRegressor(
            max_leaf_nodes=leaves, min_samples_leaf=leaf, ccp_alpha=alpha, random_state=seed
        )

    alphas = np.unique(tree(0.0).cost_complexity_pruning_path(X, y).ccp_alphas.clip(min=0))
    folds = list(KFold(5, shuffle=True, random_state=seed).split(X))
    errors = np.array(
        [
            [np.mean((tree(a).fit(X[i], y[i]).predict(X[o]) - y[o]) ** 2) for i, o in folds]
            for a in alphas
        ]
    )
    mean, error = errors.mean(axis=1), errors.std(axis=1, ddof=1) / np.sqrt(len(folds))
    best = int(mean.argmin())
    chosen = alphas[mean <= mean[best] + error[best]].max()
    return tree(float(chosen)).fit(X, y)


def _nodes(fit: DecisionTreeRegressor, preprocessing: Preprocessing) -> tuple[TreeNode, ...]:
    """Copy scikit-learn's arrays; its children always stand after their parent."""
    tree = fit.tree_
    leaves = [n for n in range(tree.node_count) if tree.children_left[n] < 0]
    number = {leaf: s for s, leaf in enumerate(leaves, start=1)}
    return tuple(
        TreeNode(segment=number[n])
        if n in number
        else TreeNode(
            output=int(tree.feature[n]),
            threshold=float(tree.threshold[n]),
            left=int(tree.children_left[n]),
            right=int(tree.children_right[n]),
        )
        for n in range(tree.node_count)
    )
