"""Step 04: who is in each segment, what it is worth, and by what it can be told and reached."""

from __future__ import annotations

from seglib.profiling.asked import TOPICS, asked_of, asked_tables
from seglib.profiling.buying_roles import role_coverage, role_engagement
from seglib.profiling.cards import card_table, segment_cards
from seglib.profiling.descriptors import descriptor_tests, descriptor_variables
from seglib.profiling.evidence import market_chain, survey_means, technology_fit
from seglib.profiling.exhibit import (
    definition,
    intervals_by_segment,
    one_decimal,
    table_or_missing,
    told_by_segment,
)
from seglib.profiling.findings import findings
from seglib.profiling.inequality import concentration_by_segment
from seglib.profiling.journey import (
    buying_behaviour,
    durations,
    durations_table,
    funnel,
    funnel_table,
)
from seglib.profiling.names import suggest_names
from seglib.profiling.neighbours import neighbour_pairs, pair_differences, telling_differences
from seglib.profiling.personas import THRESHOLD, persona_table, personas
from seglib.profiling.profile import profile, profiled_variables
from seglib.profiling.questions import Questionnaire, question_table, questionnaire
from seglib.profiling.questions_export import typing_data, typing_sql
from seglib.profiling.rules import SurrogateRules, reach_variables, rule_cards, surrogate_rules
from seglib.profiling.rules_sql import rules_sql
from seglib.profiling.season import Season, season
from seglib.profiling.size import concentration, segment_sizes, value_label, value_variable
from seglib.profiling.step import make, save, save_questions
from seglib.profiling.traits import traits
from seglib.profiling.triggers import WANTED, deals, lost_reasons
from seglib.profiling.typing_tool import Typing, type_prospects, typing_note, typing_variables
from seglib.profiling.win_season import WinSeason, win_season
from seglib.profiling.worth import potential, potential_table, segment_worth, worth_table

__all__ = [
    "THRESHOLD",
    "TOPICS",
    "WANTED",
    "Questionnaire",
    "Season",
    "SurrogateRules",
    "Typing",
    "WinSeason",
    "asked_of",
    "asked_tables",
    "buying_behaviour",
    "card_table",
    "concentration",
    "concentration_by_segment",
    "deals",
    "definition",
    "descriptor_tests",
    "descriptor_variables",
    "durations",
    "durations_table",
    "findings",
    "funnel",
    "funnel_table",
    "intervals_by_segment",
    "lost_reasons",
    "make",
    "market_chain",
    "neighbour_pairs",
    "one_decimal",
    "pair_differences",
    "persona_table",
    "personas",
    "potential",
    "potential_table",
    "profile",
    "profiled_variables",
    "question_table",
    "questionnaire",
    "reach_variables",
    "role_coverage",
    "role_engagement",
    "rule_cards",
    "rules_sql",
    "save",
    "save_questions",
    "season",
    "segment_cards",
    "segment_sizes",
    "segment_worth",
    "suggest_names",
    "surrogate_rules",
    "survey_means",
    "table_or_missing",
    "technology_fit",
    "telling_differences",
    "told_by_segment",
    "traits",
    "type_prospects",
    "typing_data",
    "typing_note",
    "typing_sql",
    "typing_variables",
    "value_label",
    "value_variable",
    "win_season",
    "worth_table",
]
