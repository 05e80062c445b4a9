"""A Dagster asset: the study is run every Monday; its summary stands beside the materialisation."""

import json
import subprocess
from pathlib import Path

import dagster as dg

FOLDER = Path("/srv/segmentation")
LASTING = {2: "bad parameters or study", 3: "the data failed the gate", 4: "a notebook failed"}


@dg.asset(retry_policy=dg.RetryPolicy(max_retries=1, delay=900))
def customer_segmentation(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Run the study; what will not pass by itself is not tried again."""
    command = [".venv/bin/seglib", "run", "study.yaml", "--resume"]
    ended = subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True, check=False)
    if ended.returncode:
        raise dg.Failure(
            LASTING.get(ended.returncode, f"exit code {ended.returncode}"),
            allow_retries=ended.returncode not in LASTING,
        )
    report = FOLDER / ended.stdout.splitlines()[-1]  # its path is the last line
    summary = json.loads(report.with_name("summary.json").read_text())
    context.log.info(report.with_name("message.txt").read_text())
    return dg.MaterializeResult(
        metadata={
            "segments": summary["headline"]["segments"],
            "verdict": summary["headline"]["verdict"],
            "report": dg.MetadataValue.path(str(report)),
        }
    )


segmentation = dg.define_asset_job("segmentation", selection=[customer_segmentation])

definitions = dg.Definitions(
    assets=[customer_segmentation],
    jobs=[segmentation],
    schedules=[
        dg.ScheduleDefinition(name="every_monday", cron_schedule="0 3 * * 1", job=segmentation)
    ],
)
