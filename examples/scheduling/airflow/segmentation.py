"""An Airflow DAG: the study is run every Monday; Airflow mails where it fails."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

FOLDER = "/srv/segmentation"

# A time-out, a kernel that died and an interruption may pass: tried once more. Bad data do not.
# (Airflow's own retries cannot tell them apart, and it takes exit code 99 for "skipped".)
RUN = """
.venv/bin/seglib run study.yaml
code=$?
case $code in
  5|6|130|143) sleep 900; .venv/bin/seglib run study.yaml --resume; code=$?;;
esac
exit $code
"""

with DAG(
    "customer_segmentation",
    schedule="0 3 * * 1",
    start_date=datetime(2026, 1, 5),
    catchup=False,
    max_active_runs=1,
    default_args={"email": ["team@example.org"], "email_on_failure": True},
):
    BashOperator(
        task_id="run_study",
        bash_command=RUN,
        cwd=FOLDER,
        execution_timeout=timedelta(hours=4),
    )
