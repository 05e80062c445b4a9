"""Step 04: who is in each segment, what it is worth, and by what it can be told and reached."""

from __future__ import annotations

from seglib.profiling.buying_roles import role_coverage, role_engagement
from seglib.profiling.cards import card_table, segment_cards
from seglib.profiling.descriptors import descriptor_tests, descriptor_variables
from seglib.profiling.evidence import market_chain, survey_means, technology_fit
from seglib.profiling.exhibit import by_segment, shown, table_or_missing
from seglib.profiling.findings import findings
from seglib.profiling.names import suggest_names
from seglib.profiling.personas import THRESHOLD, persona_table, personas
from seglib.profiling.profile import profile, profiled_variables
from seglib.profiling.rules import SurrogateRules, reach_variables, rule_cards, surrogate_rules
from seglib.profiling.rules_sql import rules_sql
from seglib.profiling.season import Season, season
from seglib.profiling.size import concentration, segment_sizes, value_label, value_variable
from seglib.profiling.step import make, save
from seglib.profiling.traits import traits
from seglib.profiling.triggers import WANTED, deals, lost_reasons
from seglib.profiling.typing_tool import Typing, type_prospects, typing_note, typing_variables

__all__ = [
    "THRESHOLD",
    "WANTED",
    "Season",
    "SurrogateRules",
    "Typing",
    "by_segment",
    "card_table",
    "concentration",
    "deals",
    "descriptor_tests",
    "descriptor_variables",
    "findings",
    "lost_reasons",
    "make",
    "market_chain",
    "persona_table",
    "personas",
    "profile",
    "profiled_variables",
    "reach_variables",
    "role_coverage",
    "role_engagement",
    "rule_cards",
    "rules_sql",
    "save",
    "season",
    "segment_cards",
    "segment_sizes",
    "shown",
    "suggest_names",
    "surrogate_rules",
    "survey_means",
    "table_or_missing",
    "technology_fit",
    "traits",
    "type_prospects",
    "typing_note",
    "typing_variables",
    "value_label",
    "value_variable",
]
