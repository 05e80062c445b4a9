"""Customer lifetime value: contractual and non-contractual models, by maximum likelihood."""

from __future__ import annotations

from seglib.collection.value.bg_nbd import BgNbd, fit_bg_nbd
from seglib.collection.value.gamma_gamma import GammaGamma, fit_gamma_gamma
from seglib.collection.value.judge import judge, normalised_gini, top_decile_share
from seglib.collection.value.shifted_beta_geometric import (
    ShiftedBetaGeometric,
    fit_shifted_beta_geometric,
)

__all__ = [
    "BgNbd",
    "GammaGamma",
    "ShiftedBetaGeometric",
    "fit_bg_nbd",
    "fit_gamma_gamma",
    "fit_shifted_beta_geometric",
    "judge",
    "normalised_gini",
    "top_decile_share",
]
