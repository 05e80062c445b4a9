"""Models of a segmentation as plain data: each scores a frame in memory and a table in an engine.

Segments count from 1; 0 means that no segment fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from seglib.clustering.center_models import Centroids, Mixture
from seglib.clustering.distance_models import Exemplars, Prototypes
from seglib.clustering.latent_model import LatentClass
from seglib.clustering.model_base import MOST_SEGMENTS, ScoreModel
from seglib.clustering.rule_models import Condition, Rules, RuleSegment, Tree, TreeNode

__all__ = [
    "MOST_SEGMENTS",
    "AnyModel",
    "Centroids",
    "Condition",
    "Exemplars",
    "LatentClass",
    "Mixture",
    "Model",
    "Prototypes",
    "RuleSegment",
    "Rules",
    "ScoreModel",
    "Tree",
    "TreeNode",
    "predict",
    "renumbered",
]

AnyModel = Centroids | Mixture | Prototypes | Exemplars | LatentClass | Tree | Rules
Model = Annotated[AnyModel, Field(discriminator="kind")]


def predict(model: AnyModel, frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return the segment of each row, from 1 (0: none fits)."""
    return model.labels(frame)


def renumbered(model: AnyModel, renumber: Mapping[int, int]) -> AnyModel:
    """Give a model's segments other numbers; those without one are dropped."""
    if isinstance(model, ScoreModel):
        return model.taking(sorted((s for s in renumber if s), key=renumber.__getitem__))
    return model.renumbered(renumber)
