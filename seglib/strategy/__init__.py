"""Step 05: which segments to address, what to say, where, for how much, and how to test it."""

from __future__ import annotations

from seglib.criteria import Criteria, Criterion, catalogue
from seglib.strategy.addressable import addressable_market
from seglib.strategy.budget import BudgetSplit, split_budget
from seglib.strategy.evidence import segment_evidence
from seglib.strategy.excel import to_safe_xlsx
from seglib.strategy.experiments import ExperimentPlan, ExperimentSettings, draw_cells, plan_tests
from seglib.strategy.exports import crm_import, target_list, to_safe_csv
from seglib.strategy.findings import findings
from seglib.strategy.hinges import weight_ranges
from seglib.strategy.key_accounts import key_accounts
from seglib.strategy.knockouts import knock_outs
from seglib.strategy.lists import export_lists, write_cards
from seglib.strategy.market import UNPLACED, SegmentedMarket, segmented_market
from seglib.strategy.plan import SegmentPlan
from seglib.strategy.playbook import build_playbook, unknown_edits
from seglib.strategy.playbook_model import Playbook, load_playbook
from seglib.strategy.playbook_tables import (
    account_plan_table,
    evidence_table,
    first_contact_table,
    messages_table,
    plays_table,
    send_times_table,
)
from seglib.strategy.power import accounts_needed, detectable_lift
from seglib.strategy.response import response_curves
from seglib.strategy.standing import standing
from seglib.strategy.steps import (
    choose_targets,
    design_tests,
    find_underserved,
    make,
    measure_market,
    plan_budget,
    playbook_warnings,
    write_playbook,
)
from seglib.strategy.tables import (
    budget_table,
    choice_table,
    experiments_table,
    export_table,
    knock_out_table,
    market_table,
    scores_table,
    underserved_table,
    weights_table,
)
from seglib.strategy.targeting import Targeting, targeting
from seglib.strategy.underserved import underserved_needs

__all__ = [
    "UNPLACED",
    "BudgetSplit",
    "Criteria",
    "Criterion",
    "ExperimentPlan",
    "ExperimentSettings",
    "Playbook",
    "SegmentPlan",
    "SegmentedMarket",
    "Targeting",
    "account_plan_table",
    "accounts_needed",
    "addressable_market",
    "budget_table",
    "build_playbook",
    "catalogue",
    "choice_table",
    "choose_targets",
    "crm_import",
    "design_tests",
    "detectable_lift",
    "draw_cells",
    "evidence_table",
    "experiments_table",
    "export_lists",
    "export_table",
    "find_underserved",
    "findings",
    "first_contact_table",
    "key_accounts",
    "knock_out_table",
    "knock_outs",
    "load_playbook",
    "make",
    "market_table",
    "measure_market",
    "messages_table",
    "plan_budget",
    "plan_tests",
    "playbook_warnings",
    "plays_table",
    "response_curves",
    "scores_table",
    "segment_evidence",
    "segmented_market",
    "send_times_table",
    "split_budget",
    "standing",
    "target_list",
    "targeting",
    "to_safe_csv",
    "to_safe_xlsx",
    "underserved_needs",
    "underserved_table",
    "unknown_edits",
    "weight_ranges",
    "weights_table",
    "write_cards",
    "write_playbook",
]
