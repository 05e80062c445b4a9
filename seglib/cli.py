"""The ``seglib`` command; each command imports its own work, so that ``--help`` answers at once."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from seglib import __version__

app = typer.Typer(
    name="seglib",
    help="B2B customer segmentation, from the business question to the measured result.",
    epilog="Exit codes: 0 done, 2 bad parameters or study, 3 the data failed the gate, "
    "4 a notebook failed, 5 timeout, 6 the kernel died, 130/143 interrupted.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

StudyFile = Annotated[Path, typer.Argument(help="study.yaml, or a folder that holds one.")]
RunFolder = Annotated[Path, typer.Argument(help="A run's folder, such as reports/demo/latest.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace a study's field.")
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Use steps of earlier runs whose inputs and parameters are same."
    ),
]
Out = Annotated[Path | None, typer.Option("--out", help="Where to write.")]


def main() -> None:
    """Run the command line; every error becomes a sentence and an exit code."""
    # jsonschema imports it to check addresses, of which notebooks have none; that takes a second.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    app()


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what a command raises into a message on the error stream and the right exit code."""

    @functools.wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        from seglib.errors import SeglibError

        try:
            command(*args, **kwargs)
        except (typer.Exit, typer.BadParameter):
            raise
        except SeglibError as error:
            _say(str(error))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt as error:
            _say("Interrupted. The last good run is untouched.")
            raise typer.Exit(getattr(error, "exit_code", 130)) from None
        except Exception as error:
            _say(_apology(error))
            raise typer.Exit(4) from None

    return wrapper


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"seglib {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say it.")
    ] = False,
) -> None:
    pass


@app.command()
@told
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where study.yaml is written.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Your tables.")],
) -> None:
    """Look at your files and draft DIR/study.yaml, each guess with its reason."""
    from seglib.collection.draft import draft_study

    draft = draft_study(files, folder)
    for guess in draft.guesses:
        mark = "" if guess.sure else "? "
        typer.echo(f"{mark}{guess.table}.{guess.column} = {guess.origin}  ({guess.reason})")
    for question in draft.questions:
        typer.echo(f"? {question}")
    typer.echo(f"Draft written: {draft.path}")


@app.command()
@told
def check(study: StudyFile, changes: Changes = None) -> None:
    """Only check the data: what maps, what fails, what each missing table would add."""
    from seglib.collection.check import check_study
    from seglib.errors import DataError
    from seglib.study import Study
    from seglib.workbook import find_file

    report = check_study(Study.load(find_file(study), _changes(changes)))
    for line in report.lines():
        typer.echo(line)
    raise typer.Exit(0 if report.passed else DataError.exit_code)


@app.command()
@told
def run(
    study: StudyFile,
    out: Annotated[
        Path | None, typer.Option(help="Folder of this study's runs [reports/<study>].")
    ] = None,
    changes: Changes = None,
    until: Annotated[
        str | None, typer.Option(metavar="STEP", help="Last step: 01 to 06, or its name.")
    ] = None,
    effort: Annotated[
        str | None, typer.Option(metavar="quick|standard|thorough", help="Bootstrap work.")
    ] = None,
    audience: Annotated[
        str, typer.Option(metavar="executive|analyst|learner", help="Who reads the report.")
    ] = "analyst",
    pdf: Annotated[bool, typer.Option("--pdf", help="Write report.pdf too.")] = False,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds that one cell may take.")] = 900,
    notify: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="Gets a short message at the end, good or bad."),
    ] = None,
    resume: Resume = False,
) -> None:
    """Run the notebooks and write the report; its path is the last line."""
    from seglib.reporting.console import shown_progress
    from seglib.reporting.runner import run_study

    with shown_progress() as progress:
        made = run_study(
            study,
            out=out,
            overrides=_changes(changes),
            until=until,
            effort=effort,
            audience=audience,
            pdf=pdf,
            timeout=timeout,
            progress=progress,
            notify=notify,
            resume=resume,
        )
    typer.echo(_from_here(made.folder / "report.html"))


@app.command()
@told
def portfolio(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="portfolio.yaml: studies and their parameters.")
    ],
    resume: Resume = False,
) -> None:
    """Run many studies from one file; the exit code is the worst of theirs."""
    from seglib.reporting.portfolio import read_portfolio
    from seglib.reporting.portfolio_run import run_portfolio

    result = run_portfolio(read_portfolio(file), _say, resume=resume)
    typer.echo(result.text())
    typer.echo(_from_here(result.index))
    raise typer.Exit(result.exit_code)


@app.command()
@told
def score(
    run: RunFolder,
    table: Annotated[Path, typer.Argument(help="CSV or Parquet file, one row per account.")],
    out: Out = None,
) -> None:
    """Place new accounts or prospects in a run's segments."""
    from seglib.reporting.score import score_file

    path = score_file(run, table, out)
    if path:
        typer.echo(_from_here(path))


@app.command()
@told
def sql(
    run: RunFolder,
    dialect: Annotated[str, typer.Option(help="duckdb, postgres, snowflake, …")] = "duckdb",
) -> None:
    """Print the assignment as SQL."""
    from seglib.clustering.segmentation import Segmentation

    typer.echo(Segmentation.load(run).sql(dialect=dialect), nl=False)


@app.command()
@told
def compare(first: RunFolder, second: RunFolder) -> None:
    """Say what moved between two runs."""
    from seglib.reporting.compare import compare_runs

    typer.echo(compare_runs(first, second).text())


@app.command()
@told
def verify(
    run: RunFolder,
    everywhere: Annotated[
        bool,
        typer.Option(
            "--everywhere", help="With one and two threads, in another time zone and locale."
        ),
    ] = False,
) -> None:
    """Execute a run again and compare every artifact, byte for byte."""
    from seglib.reporting.console import shown_progress
    from seglib.reporting.verify import verify_run

    with shown_progress() as progress:
        verdict = verify_run(run, everywhere=everywhere, progress=progress)
    typer.echo(verdict.text())
    raise typer.Exit(0 if verdict.identical else 4)


@app.command()
@told
def schema(
    name: Annotated[str, typer.Argument(metavar="manifest|summary|study", help="Which file.")],
) -> None:
    """Print the JSON schema of study.yaml, or of a run's manifest.json or summary.json."""
    from seglib.schemas import schema_text

    typer.echo(schema_text(name), nl=False)


@app.command()
@told
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the tables go.")],
    accounts: Annotated[int, typer.Option(help="Rows of the accounts table.")] = 800,
    seed: Annotated[int, typer.Option(help="The same seed, the same market.")] = 7,
    difficulty: Annotated[float, typer.Option(help="0 plain to 1 hard.")] = 0.5,
    dirt: Annotated[float, typer.Option(help="Share of spoilt values, 0 to 0.5.")] = 0.05,
) -> None:
    """Write a synthetic B2B market, its planted truth apart in DIR/truth/."""
    from seglib.demo import generate_market, write_market

    market = generate_market(accounts, seed=seed, difficulty=difficulty, dirt=dirt)
    write_market(market, folder)
    typer.echo(_from_here(folder / "study.yaml"))


def _changes(pairs: list[str] | None) -> dict[str, Any]:
    """Read ``key=value`` pairs; values are YAML, so that false, 01234 and dates stay themselves."""
    import yaml

    from seglib.errors import StudyError
    from seglib.knowledge import parse_yaml

    found: dict[str, Any] = {}
    problems = []
    for pair in pairs or []:
        key, sign, text = pair.partition("=")
        if not sign or not key.strip():
            problems.append(f"--set wants key=value, got '{pair}'.")
            continue
        try:
            found[key.strip()] = parse_yaml(text)
        except (yaml.YAMLError, ValueError, RecursionError):
            shown = text if len(text) <= 60 else text[:57] + "…"
            problems.append(f"The value of '{key.strip()}' cannot be read: '{shown}'.")
    if problems:
        raise StudyError(problems)
    return found


def _from_here(path: Path) -> str:
    """Write a path as seen from the working directory."""
    whole = path.resolve()
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(whole)


def _apology(error: BaseException) -> str:
    """Keep the traceback in a log file and say where it is."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="seglib-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exception(error, file=log)
    first = (str(error).strip().splitlines() or [""])[0][:200]
    return (
        f"Sorry, seglib itself failed ({type(error).__name__}: {first}). "
        f"What happened is written in {log.name}"
    )


def _say(text: str) -> None:
    sys.stderr.write(text.rstrip() + "\n")


if __name__ == "__main__":
    main()
