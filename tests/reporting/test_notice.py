"""What an unattended run says, and to whom."""

import json
import logging
import sys

import pandas as pd
import pytest
from markupsafe import Markup

from seglib.errors import StudyError
from seglib.reporting.findings import Findings
from seglib.reporting.notice import (
    Summary,
    check_hook,
    make_summary,
    notify,
    plain,
    read_summary,
    write_notice,
)
from seglib.run import Run

CARDS = ({"segment": 1, "name": "Large <b>", "accounts": 30, "share": 0.75},
         {"segment": 2, "name": "Small", "accounts": 10, "share": 0.25})  # fmt: skip


def findings(**more):
    sure = pd.DataFrame({"segment": [1, 2], "confidence": [0.9, 0.5]})
    return Findings(brief={"as_of": "2026-09-30", "objective": "retention"}, segments=CARDS,
                    assignments=sure, **more)  # fmt: skip


def test_what_needs_a_person_is_said_first():
    refresh = {"decision": "refit", "reason": "Half moved.", "compared_with": "r1"}
    decision = {"warnings": ["The restart certificate fails: a better solution may exist."]}
    made = make_summary("demo", findings(refresh=refresh, decision=decision))
    assert made.needs_a_person == (
        "The comparison with the previous run says: refit.",
        "The restart certificate fails: a better solution may exist.",
        "1 of 2 accounts are placed with a confidence under 80%; the data team has the list.",
    )
    assert made.changed == "Half moved."
    lines = made.message().splitlines()
    assert lines[0] == "demo, as of 2026-09-30: done. 3 to be looked at."
    assert lines[2].startswith("! The comparison")
    assert lines[-1] == "Half moved."
    assert [(s.segment, s.name, s.accounts) for s in made.segments] == [
        (1, "Large <b>", 30), (2, "Small", 10)
    ]  # fmt: skip


def test_without_a_previous_run_nothing_has_changed():
    refresh = {"decision": "keep", "reason": "Nothing to compare with.", "compared_with": None}
    assert make_summary("demo", findings(refresh=refresh)).changed == ""


def test_a_run_that_found_nothing_yet_has_a_notice(tmp_path):
    run = Run(tmp_path)
    made = write_notice(run, "demo")
    assert made.message() == "demo: done. Nothing needs a person.\n"
    assert (tmp_path / "message.txt").read_text() == made.message()
    assert read_summary(run) == made


def test_sentences_are_plain_text():
    assert plain(Markup("A <em>big</em>\n segment &lt;1&gt;")) == "A big segment <1>"


@pytest.mark.parametrize(("command", "said"), [("  ", "name a command"), ("mail 'x", "split")])
def test_a_command_that_is_none_is_refused(command, said):
    with pytest.raises(StudyError, match=said):
        check_hook(command)


LISTEN = """
import json, os, sys
told = [os.environ[f"SEGLIB_{name}"] for name in ("STATUS", "EXIT_CODE", "RUN")]
json.dump([sys.stdin.read(), *told], open(sys.argv[1], "w"))
"""


def test_the_hook_gets_message_and_status(tmp_path):
    words = [sys.executable, "-c", LISTEN, str(tmp_path / "got.json")]
    assert notify(words, "Well.\n", exit_code=0, folder="reports/demo/1")
    got = json.loads((tmp_path / "got.json").read_text())
    assert got == ["Well.\n", "done", "0", "reports/demo/1"]


@pytest.mark.parametrize("words", [[sys.executable, "-c", "raise SystemExit('no')"], ["/no/such"]])
def test_a_hook_that_fails_is_a_warning(words, caplog):
    with caplog.at_level(logging.WARNING):
        assert not notify(words, "", exit_code=4)
    assert len(caplog.records) == 1


def test_no_shell_reads_the_command(tmp_path):
    words = check_hook(f"echo hello > {tmp_path / 'made'}; touch {tmp_path / 'made'}")
    notify(words, "", exit_code=0)
    assert not (tmp_path / "made").exists()


def test_a_summary_read_from_a_file_is_checked():
    with pytest.raises(ValueError, match="segmnts"):
        Summary.model_validate({"study": "demo", "segmnts": []})
