"""The playbook: knowledge, overlay, evidence, gaps."""

import json

import pandas as pd
import pytest

from seglib.collection.roles import buying_roles
from seglib.errors import StudyError
from seglib.strategy import (
    build_playbook,
    load_playbook,
    segment_evidence,
    segmented_market,
    unknown_edits,
)
from seglib.strategy.advice import filled
from seglib.strategy.evidence import recognised
from seglib.study import Study
from seglib.variables import variables

PLAYBOOK = load_playbook()


def test_every_role_has_a_message_and_a_format_for_every_stage():
    for role in PLAYBOOK.roles.values():
        assert set(role.messages) == set(role.formats) == set(PLAYBOOK.stages)


def test_roles_are_those_of_the_contacts():
    assert set(PLAYBOOK.roles) == {entry.role for entry in buying_roles()}


def test_plays_look_at_variables_that_exist():
    asked = {name for play in PLAYBOOK.plays.values() for name in play.when}
    assert asked <= set(variables())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("price too high", "price"),
        ("no budget", "budget"),
        ("lost to competitor", "competitor"),
        ("missing integration", "integration"),
        ("delivery too late", "timing"),
        ("validation not accepted", "proof"),
        ("moon phase", ""),
    ],
)
def test_objections_are_recognised(text, key):
    assert recognised(PLAYBOOK.objections, text) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("e-mail click", "e-mail"),
        ("web visit", "search"),
        ("download", "search"),
        ("webinar", "webinar"),
        ("event", "trade fair"),
        ("direct mail", "direct mail"),
        ("sales call", "sales call"),
        ("distributor", "partner"),
    ],
)
def test_channels_are_recognised(text, key):
    assert recognised(PLAYBOOK.channels, text) == key


def test_the_planted_needs_lead(market):
    plans = build_playbook(market, PLAYBOOK, targets=[3])
    assert [plan.need for plan in plans] == [
        "Low total cost", "Service and support", "Fits the systems in use",
    ]  # fmt: skip
    assert [plan.target for plan in plans] == [False, False, True]
    assert all("survey item" in plan.need_evidence[0] for plan in plans)


def test_every_line_that_names_data_names_its_evidence(market):
    plan = build_playbook(market, PLAYBOOK)[0]
    assert plan.value_proposition.startswith("Group 1 ")
    assert plan.objections[0].key == "price"
    assert "price too high" in plan.objections[0].evidence
    assert plan.channels[0].key == "e-mail"
    assert plan.best_time is not None
    assert plan.traits == ("They are number 1.",)
    texts = json.dumps(plan.model_dump())
    assert "{" not in plan.value_proposition
    assert "[need: no evidence yet]" not in texts


def test_only_roles_that_are_known_get_messages(market):
    plans = build_playbook(market, PLAYBOOK)
    assert [[role.role for role in plan.roles] for plan in plans] == [
        ["buyer"], ["user"], ["decision maker"],
    ]  # fmt: skip
    assert [stage.stage for stage in plans[0].roles[0].stages] == list(PLAYBOOK.stages)
    assert any(gap.startswith("Nobody is known as") for gap in plans[0].gaps)


def test_without_facts_all_is_gaps_and_nothing_is_invented(make_market):
    plan = build_playbook(make_market(facts=False), PLAYBOOK)[0]
    assert plan.need is None
    assert plan.value_proposition is None
    assert plan.roles == ()
    assert plan.objections == ()
    assert "Buying roles: no evidence yet; needs the table 'contacts'." in plan.gaps
    assert all(channel.evidence == "no evidence yet" for channel in plan.channels)


def test_segments_alike_have_no_leading_need():
    market = _alike()
    plan = build_playbook(market, PLAYBOOK)[0]
    assert plan.need is None
    assert any("nothing in the data sets this segment apart" in gap for gap in plan.gaps)


def _alike():
    accounts = pd.DataFrame({"account_id": [f"a{i}" for i in range(40)]})
    items = ["need:price", "need:service"]
    surveys = accounts.merge(pd.DataFrame({"item": items}), how="cross")
    surveys["score"] = [float(i // 2 % 5) for i in range(len(surveys))]
    engagements = accounts.assign(topic="news", kind="web visit", hour=9.0, events=1)
    deals = accounts.assign(outcome="lost", lost_reason="moon phase")
    facts = {"surveys": surveys, "engagements": engagements, "opportunities": deals}
    segments = [1 + i // 20 for i in range(40)]
    return segmented_market(
        accounts=accounts, assignments=accounts.assign(segment=segments), cards=[], facts=facts,
        as_of="2026-09-30",
    )  # fmt: skip


def test_a_single_account_is_thin_evidence(make_market):
    found = segment_evidence(make_market(k=2, per=1, prospects=0), PLAYBOOK)
    assert not found["strong"].any()


def test_one_segment_stands_out_in_nothing(make_market):
    found = segment_evidence(make_market(k=1), PLAYBOOK)
    compared = found[~found["kind"].isin(["role", "hour"])]
    assert not compared["strong"].any()


def test_the_study_edits_one_segment_by_name_or_number(market):
    edits = {"Group 1": {"need": "compliance", "notes": ["Said at the fair."]}, "2": {"offer": "X"}}
    plans = build_playbook(market, load_playbook({"segments": edits}))
    assert plans[0].need == "Compliance and proof"
    assert plans[0].need_evidence[0] == "set by the study"
    assert plans[0].notes == ("Said at the fair.",)
    assert plans[1].offer == "X"


def test_an_edit_of_a_segment_that_is_not_there_is_said_and_left_out(market):
    playbook = load_playbook({"segments": {"Grup 1": {"offer": "X"}, "2": {"offer": "Y"}}})
    notes = unknown_edits(market, playbook)
    assert len(notes) == 1
    assert "Did you mean 'Group 1'" in notes[0].text
    assert [plan.offer == "Y" for plan in build_playbook(market, playbook)] == [False, True, False]


def test_a_study_with_an_unknown_key_in_its_playbook_is_refused_at_once():
    with pytest.raises(StudyError, match="Did you mean 'channels'"):
        Study(name="small", source=".").override(playbook={"chanels": {}})


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ({"chanels": {}}, "Did you mean 'channels'"),
        ({"channels": {"e-mail": {"costs": 2}}}, "Did you mean 'cost'"),
        ({"channels": {"pigeon": {"cost": 2}}}, "Unknown channel 'pigeon'"),
        ({"roles": {"buyers": {}}}, "Did you mean 'buyer'"),
        ({"stages": {"awarenes": {}}}, "Did you mean 'awareness'"),
        ({"needs": {"price": {"offer": "{salary}"}}}, "cannot be filled in"),
        ({"needs": {"price": {"offer": "{segment.__class__}"}}}, "cannot be filled in"),
        ({"needs": {"price": {"offer": "{"}}}, "braces"),
        ({"segments": {"1": {"need": "prise"}}}, "Did you mean 'price'"),
        ({"segments": {"1": {"ned": "price"}}}, "Did you mean 'need'"),
        ({"channels": 5}, "key: value"),
    ],
)
def test_what_the_playbook_does_not_know_is_refused(overlay, said):
    with pytest.raises(StudyError) as caught:
        load_playbook(overlay)
    assert said in str(caught.value)
    assert "the study's 'playbook'" in str(caught.value)


def test_a_whole_new_entry_is_taken():
    pigeon = {
        "label": "Pigeon", "words": ["pigeon"], "place": "off-line", "stages": ["awareness"],
        "cost": 3, "contacts": 2, "response": 0.01, "note": "Slow.",
    }  # fmt: skip
    assert load_playbook({"channels": {"pigeon": pigeon}}).channels["pigeon"].label == "Pigeon"


def test_a_name_with_braces_is_not_a_template():
    assert filled("{segment}!", {"segment": "{need}", "need": "", "proof": ""}) == "{need}!"
