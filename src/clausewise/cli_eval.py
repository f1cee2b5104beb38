"""`clausewise eval`: its actions, each verb -> evaluation room -> text, JSON or files. Exit code 1: a gate failed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clausewise import cli_options
from clausewise.cli_options import index_option, suite_action
from clausewise.cli_suite import add_suite
from clausewise.errors import BadRun, BadSuite, ClausewiseError

if TYPE_CHECKING:
    from clausewise.evaluation.gates import Gate
    from clausewise.evaluation.regression import Evaluation

ACTIONS = ("run", "check", "baseline", "runs", "report", "diff", "replay", "anchor", "twins", "triage")
_FORMS = {".json": "json", ".html": "html", ".md": "markdown", ".xml": "junit"}


def add_eval(verb: argparse.ArgumentParser) -> None:
    actions = verb.add_subparsers(title="actions", required=True, metavar="ACTION", parser_class=type(verb))
    action = suite_action(actions, "run", _run, "ask a suite's questions and judge the answers; `clausewise eval SUITE` is short for it")
    action.add_argument("--misses", action="store_true", help="list each question that was answered wrongly")
    action.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="try another setting, such as threshold=0.8")
    keeping = action.add_mutually_exclusive_group()
    keeping.add_argument("--no-save", action="store_true", help="do not keep the run")
    keeping.add_argument("--save", action="store_true", help="keep it, though it was made with --set: it is then the last run")
    _report_options(action)
    suite_action(actions, "check", _check, "find what is wrong with a suite itself: dangling ids, questions asked twice, contradictions")
    action = suite_action(actions, "baseline", _baseline, "make a saved run what later runs are held against")
    action.add_argument("run_id", nargs="?", metavar="RUN", help="id of the run (default: the last one)")
    suite_action(actions, "runs", _runs, "list a suite's saved runs")
    action = suite_action(actions, "report", _report, "show a saved run again, without asking")
    action.add_argument("run_id", nargs="?", metavar="RUN", help="id of the run (default: the last one)")
    action.add_argument("--misses", action="store_true", help="list each question that was answered wrongly")
    _report_options(action)
    action = actions.add_parser("diff", help="compare any two saved runs: measures, and each answer that changed")
    action.add_argument("old", type=Path, metavar="RUN1", help="folder of a saved run, such as evals/sample/baseline")
    action.add_argument("new", type=Path, metavar="RUN2")
    index_option(action)
    _report_options(action)
    action.set_defaults(run=_diff)
    action = actions.add_parser("replay", help="produce a saved run's answers again from its index snapshot; exit code 1 if one differs")
    action.add_argument("folder", type=Path, metavar="RUN", help="folder of a saved run")
    action.add_argument("case", nargs="?", help="only this case, with its answer in full")
    index_option(action)
    action.set_defaults(run=_replay)
    add_suite(actions)


def _report_options(action: argparse.ArgumentParser) -> None:
    action.add_argument("--json", action="store_true", help="print JSON")
    told = "write a report; its form goes by its ending: .json, .html, .md, .xml (JUnit); may be given again"
    action.add_argument("--report", type=_report_file, action="append", default=[], metavar="FILE", help=told)


def _report_file(text: str) -> Path:
    if Path(text).suffix.lower() not in _FORMS:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a name that ends in {', '.join(_FORMS)}")
    return Path(text)


# actions


def _run(args: argparse.Namespace) -> int:
    from clausewise.bars import asking
    from clausewise.evaluation.regression import evaluate, save

    _check_misses(args)
    found = evaluate(args.suite, cli_options.assistant(args), args.index, asking())
    if args.save or not (args.no_save or args.set):
        try:
            save(found.run, args.suite, args.index)
        except (OSError, ClausewiseError) as error:
            print(f"clausewise: the run is not kept: {error}", file=sys.stderr)
    return _show(found, args)


def _check_misses(args: argparse.Namespace) -> None:
    from clausewise.evaluation.gates import load_gate

    if args.misses and load_gate(args.suite).held_back:
        raise BadSuite(f"{args.suite}: is held back (its gate.toml says so), so its misses are not shown; leave out --misses")


def _show(found: Evaluation, args: argparse.Namespace) -> int:
    from clausewise.terminal_eval import report_text

    report = found.report()
    for path in args.report:
        cli_options.write(path, _render(report, _FORMS[path.suffix.lower()]).encode())
    print(json.dumps(report, ensure_ascii=False) if args.json else report_text(report, getattr(args, "misses", False)))
    return 0 if found.verdict.passed else 1


def _render(report: dict[str, Any], form: str) -> str:
    from clausewise.evaluation import html, junit, markdown

    if form == "json":
        return json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    return {"html": html.render, "junit": junit.render, "markdown": markdown.render}[form](report)


def _check(args: argparse.Namespace) -> int:
    from clausewise.evaluation.cases import load_suite
    from clausewise.evaluation.checking import check, faults
    from clausewise.evaluation.gates import load_gate
    from clausewise.evaluation.regression import baseline
    from clausewise.evaluation.wording import count, flat

    suite, gate = load_suite(args.suite), load_gate(args.suite)
    found = check(suite, cli_options.assistant(args), baseline(args.suite))
    if not gate.held_back:
        for finding in found:
            print(f"{'fault' if finding.fault else 'look '}  {finding.place}  {flat(finding.case)}: {flat(finding.told)}")
    bad = faults(found)
    print(f"{suite.name}: {count(len(suite.cases), 'case')}, {count(bad, 'fault')}, {len(found) - bad} to look at")
    return 1 if bad else 0


def _baseline(args: argparse.Namespace) -> int:
    from clausewise.evaluation.regression import find_run, set_baseline

    run = find_run(args.suite, args.run_id)
    print(f"{set_baseline(args.suite, run)}: holds run {run.id} of {run.made} now")
    return 0


def _runs(args: argparse.Namespace) -> int:
    from clausewise.evaluation.cases import cases_file
    from clausewise.evaluation.measures import measures
    from clausewise.evaluation.runs import load, saved_runs
    from clausewise.evaluation.wording import HEADLINES

    cases_file(args.suite)
    for place in saved_runs(args.suite):
        try:
            run = load(place)
        except BadRun as error:
            print(f"clausewise: {error}", file=sys.stderr)
            continue
        found = measures(run)
        figures = "  ".join(f"{name} {found[name]}" for name in HEADLINES)
        print(f"{run.id}  {run.made}  {figures}  index {run.made_by['index'][:12]}")
    return 0


def _report(args: argparse.Namespace) -> int:
    from clausewise.evaluation.gates import load_gate
    from clausewise.evaluation.regression import baseline, find_run, judged

    _check_misses(args)
    return _show(judged(find_run(args.suite, args.run_id), load_gate(args.suite), baseline(args.suite), args.index), args)


def _diff(args: argparse.Namespace) -> int:
    """The gate of neither suite is asked: what is compared may be of two settings, neither of which is to land."""
    from clausewise.evaluation.regression import judged
    from clausewise.evaluation.runs import load

    return _show(judged(load(args.new), _gate_of(args.old, args.new), load(args.old), args.index), args)


def _gate_of(*folders: Path) -> Gate:
    """The absolute conditions; held back, if a suite of these runs is: they stand in `suite/runs/ID` or `suite/baseline`."""
    from clausewise.evaluation.gates import Gate, load_gate

    return Gate(held_back=any(load_gate(suite).held_back for folder in folders for suite in folder.resolve().parents[:2]))


def _replay(args: argparse.Namespace) -> int:
    from clausewise.bars import asking
    from clausewise.evaluation.regression import judged, replay
    from clausewise.evaluation.runs import load
    from clausewise.terminal_eval import replay_text

    gate = _gate_of(args.folder)
    if gate.held_back and args.case:
        raise BadSuite(f"{args.folder}: is of a suite that is held back, so no case of it is shown; leave out {args.case}")
    old, again = replay(load(args.folder), args.index, args.case, asking())
    found = judged(again, gate, old, args.index)
    print(replay_text(found.report(), args.case))
    return 1 if found.against and found.against.flips else 0
