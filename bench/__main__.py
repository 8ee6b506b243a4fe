"""Runs the benchmarks and prints their figures beside the last committed ones."""

import argparse
import json
import resource
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import machine
from bench.figures import Figure, Options
from bench.scenarios import SCENARIOS

RESULTS = Path(__file__).with_name("results.json")
_QUICK = Options(seconds=1.5, rows=100_000, max_connections=1_000)


def main() -> None:
    """Run the benchmarks, and print their figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [scenario.__name__ for scenario in SCENARIOS]
    parser.add_argument("only", nargs="*", help=f"benchmarks to run: {', '.join(names)} (all)")
    parser.add_argument("--quick", action="store_true", help="rough figures in a minute")
    parser.add_argument("--rows", type=int, help="stored messages of a full database (10,000,000)")
    parser.add_argument(
        "--save", action="store_true", help="save the figures in bench/results.json"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.only) - set(names):
        parser.error(f"there is no {', '.join(unknown)}")
    options = _QUICK if arguments.quick else Options()
    if arguments.rows:
        options = options._replace(rows=arguments.rows)
    _raise_file_limit()
    machine.use_the_other_core()
    figures = []
    with Console(stderr=True).status("") as status:
        for scenario in SCENARIOS:
            if not arguments.only or scenario.__name__ in arguments.only:
                status.update(scenario.__doc__ or scenario.__name__)
                figures += list(scenario(options))
    before = _read()
    Console().print(_table(figures, before))
    if arguments.save:
        saved = before | {figure.name: figure.value for figure in figures}
        RESULTS.write_text(json.dumps(saved, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _table(figures: list[Figure], before: dict[str, float]) -> Table:
    table = Table("what", "now", "committed", "target", "of the relay's")
    for column in table.columns[1:]:
        column.justify = "right"
    for figure in figures:
        last = before.get(figure.name)
        sign = "≤" if figure.at_most else "≥"
        target = f"{sign} {_number(figure.target)}" if figure.target else ""
        table.add_row(
            figure.name,
            f"{_number(figure.value)} {figure.unit}",
            _number(last) if last is not None else "",
            target,
            f"{figure.value / figure.relay:.0%}" if figure.relay else "",
            style=None if figure.holds else "red",
        )
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _read() -> dict[str, float]:
    return dict(json.loads(RESULTS.read_text("utf-8"))) if RESULTS.exists() else {}


def _raise_file_limit() -> None:
    # 10,000 connections need more descriptors than the usual 1,024.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
