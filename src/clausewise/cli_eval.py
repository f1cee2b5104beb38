"""`clausewise eval`: its actions, each verb -> evaluation room -> text, JSON or files. Exit code 1: a gate failed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clausewise import cli_options
from clausewise.cli_options import index_option
from clausewise.errors import BadRun, BadSuite, ClausewiseError
from clausewise.settings import Settings

if TYPE_CHECKING:
    from clausewise.catalogue import Texts
    from clausewise.evaluation.cases import Suite
    from clausewise.evaluation.gates import Gate
    from clausewise.evaluation.regression import Evaluation
    from clausewise.evaluation.reissue import Proposal
    from clausewise.store import Store

ACTIONS = ("run", "check", "baseline", "runs", "report", "diff", "replay", "anchor", "twins", "triage")
_FORMS = {".json": "json", ".html": "html", ".md": "markdown", ".xml": "junit"}


def add_eval(verb: argparse.ArgumentParser) -> None:
    actions = verb.add_subparsers(title="actions", required=True, metavar="ACTION", parser_class=type(verb))
    action = _action(actions, "run", _run, "ask a suite's questions and judge the answers; `clausewise eval SUITE` is short for it")
    action.add_argument("--misses", action="store_true", help="list each question that was answered wrongly")
    action.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="try another setting, such as threshold=0.8")
    keeping = action.add_mutually_exclusive_group()
    keeping.add_argument("--no-save", action="store_true", help="do not keep the run")
    keeping.add_argument("--save", action="store_true", help="keep it, though it was made with --set: it is then the last run")
    _report_options(action)
    _action(actions, "check", _check, "find what is wrong with a suite itself: dangling ids, questions asked twice, contradictions")
    action = _action(actions, "baseline", _baseline, "make a saved run what later runs are held against")
    action.add_argument("run_id", nargs="?", metavar="RUN", help="id of the run (default: the last one)")
    _action(actions, "runs", _runs, "list a suite's saved runs")
    action = _action(actions, "report", _report, "show a saved run again, without asking")
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
    told = "after a policy was issued anew: where the suite's clauses went; exit code 1 while some are to be confirmed"
    action = _action(actions, "anchor", _anchor, told)
    told = "the index that the ids belong to (default: the snapshot that they followed last, or the baseline's)"
    action.add_argument("--old", type=Path, metavar="DIR", help=told)
    action.add_argument("--write", action="store_true", help="change the suite: follow what is sure, let the rest wait")
    told = "where a clause went that is to be confirmed, and write it: OLD=NEW, OLD=NEW1,NEW2, OLD= (gone), or OLD alone (as proposed)"
    action.add_argument("--confirm", action="append", default=[], metavar="OLD[=NEW]", help=told)
    action = _action(actions, "twins", _twins, "ask what one school answers of each school that is silent on it")
    action.add_argument("--write", action="store_true", help="put those that are sure behind the suite's cases (default: only list them)")
    _triage_options(actions.add_parser("triage", help="list open complaints, or make a case of one"))


def _action(actions: Any, name: str, run: Callable[[argparse.Namespace], int], told: str) -> argparse.ArgumentParser:
    action: argparse.ArgumentParser = actions.add_parser(name, help=told)
    action.add_argument("suite", type=Path, help="the suite's folder")
    index_option(action)
    action.set_defaults(run=run)
    return action


def _triage_options(action: argparse.ArgumentParser) -> None:
    action.add_argument("id", nargs="?", type=_number, metavar="ID", help="number of a complaint (default: list the open ones)")
    action.add_argument("suite", nargs="?", type=Path, help="folder of the suite that gets the case")
    action.add_argument("--clause", action="append", default=[], help="id of a clause that answers; may be given again")
    action.add_argument("--beside", action="append", default=[], metavar="CLAUSE", help="id of a clause that must be shown with it")
    action.add_argument("--stance", help="what the clause says to it, such as prohibited (default: as answered, if it was quoted first)")
    action.add_argument("--silent", action="store_true", help="no clause answers: silence would be right")
    action.add_argument("--tag", action="append", default=[], help="a tag of the case; may be given again")
    action.add_argument("--close", action="store_true", help="close the complaint without a case")
    index_option(action)
    action.set_defaults(run=_triage)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"found {text!r}, expected the number of a complaint, as `clausewise eval triage` lists it")
    return int(text)


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
    from clausewise.evaluation.regression import evaluate, save

    _check_misses(args)
    found = evaluate(args.suite, cli_options.assistant(args), args.index, _progress())
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


def _progress() -> Callable[[int, int], None]:
    """A bar on stderr, where somebody watches."""
    from tqdm import tqdm

    bar = tqdm(desc="asking", unit=" cases", disable=None, file=sys.stderr, leave=False)

    def step(done: int, of: int) -> None:
        bar.total = of
        bar.update(1)
        if done == of:
            bar.close()

    return step


def _show(found: Evaluation, args: argparse.Namespace) -> int:
    from clausewise.terminal import report_text

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
    from clausewise.evaluation.regression import judged, replay
    from clausewise.evaluation.runs import load
    from clausewise.terminal import replay_text

    gate = _gate_of(args.folder)
    if gate.held_back and args.case:
        raise BadSuite(f"{args.folder}: is of a suite that is held back, so no case of it is shown; leave out {args.case}")
    old, again = replay(load(args.folder), args.index, args.case, _progress())
    found = judged(again, gate, old, args.index)
    print(replay_text(found.report(), args.case))
    return 1 if found.against and found.against.flips else 0


def _anchor(args: argparse.Namespace) -> int:
    from clausewise.evaluation.cases import load_suite
    from clausewise.evaluation.gates import load_gate
    from clausewise.evaluation.reissue import follow, proposals, write
    from clausewise.index import load_texts
    from clausewise.terminal import anchors_text

    suite, new = load_suite(args.suite), load_texts(args.index)
    checksum, old = _old(args, suite)
    found = proposals(suite, old, checksum, new)
    decisions = dict(_decision(text, found, new) for text in args.confirm)
    changed = follow(suite, found, decisions)
    if args.write or decisions:
        write(suite, changed, new.checksum)
    open_ones = [p for p in found if not p.anchor.sure and p.named not in decisions]
    shown = [] if load_gate(args.suite).held_back else open_ones
    print(anchors_text(found, shown, len(changed), bool(args.write or decisions)))
    if judged := sorted({case for p in found if p.named in decisions for case in p.cases}):
        print(f"other words may need another stance: look at the gold of {', '.join(judged)}")
    return 1 if open_ones else 0


def _old(args: argparse.Namespace, suite: Suite) -> tuple[str, dict[str, Any]]:
    """The fingerprint of the index that the suite's ids belong to, and the words of it and of those that waiting ids name."""
    from clausewise.evaluation.cases import noted
    from clausewise.evaluation.regression import baseline, find_run, words
    from clausewise.index import load_texts

    named = load_texts(args.old) if args.old else None
    checksum = named.checksum if named else noted(args.suite) or (baseline(args.suite) or find_run(args.suite)).made_by["index"]
    ids = {clause for case in suite.cases for gold in case.gold.values() for clause in gold.clauses}
    wanted = {clause.partition("@")[2] for clause in ids if "@" in clause} | {checksum}
    found = [named, *(words(args.index, one) for one in sorted(wanted))]
    return checksum, {texts.checksum: texts for texts in found if texts}


def _decision(text: str, found: Sequence[Proposal], new: Texts) -> tuple[str, tuple[str, ...]]:
    named, equals, ids = text.partition("=")
    fitting = [p for p in found if named in (p.named, p.anchor.old)]
    if len(fitting) != 1:
        raise BadSuite(f"--confirm {named}: found no such clause in the suite; expected one that `clausewise eval anchor` lists")
    anchor = fitting[0].anchor
    if not equals and anchor.how == "reworded" and len(anchor.new) > 1:
        raise BadSuite(f"--confirm {named}: found the same words at {', '.join(anchor.new)}; say which it is: --confirm {named}=NEW")
    went = tuple(part.strip() for part in ids.split(",") if part.strip()) if equals else anchor.new
    strange = [clause for clause in went if clause not in new.clause]
    if strange:
        raise BadSuite(f"--confirm {text}: found no clause {strange[0]} in the index; expected the id of one")
    return fitting[0].named, went


def _twins(args: argparse.Namespace) -> int:
    from clausewise.evaluation.cases import add_case, load_suite
    from clausewise.evaluation.gates import load_gate
    from clausewise.evaluation.twins import twins
    from clausewise.terminal import twins_text

    if load_gate(args.suite).held_back:
        raise BadSuite(f"{args.suite}: is held back (its gate.toml says so), so no twin of its questions is shown; name another suite")
    found = twins(load_suite(args.suite), cli_options.assistant(args))
    sure = [twin for twin in found if twin.verdict == "silent"] if args.write else []
    try:
        for twin in sure:
            add_case(args.suite, twin.case)
    except OSError as error:
        raise BadSuite(f"{args.suite}: cannot be written ({error.strerror}); leave out --write, or mend the folder's rights") from None
    print(twins_text(found, len(sure)))
    return 0


def _triage(args: argparse.Namespace) -> int:
    from clausewise.store import Store

    store = Store(Settings.from_environment().data)
    makes = args.clause or args.beside or args.stance or args.silent or args.tag
    if args.id is None and not args.close and not makes:
        return _complaints(store)
    if args.id is None or bool(args.suite) == args.close or (args.close and makes):
        raise BadSuite("triage: found neither what makes a case nor what closes; expected ID SUITE, with options, or ID --close alone")
    return _close(store, args.id) if args.close else _made_case(store, args)


def _complaints(store: Store) -> int:
    from clausewise.store import REASONS
    from clausewise.terminal import feedback_text

    print(feedback_text(store.feedback(), store.unanswered(), REASONS))
    return 0


def _close(store: Store, id: int) -> int:
    from clausewise.evaluation.triage import close

    close(store, id)
    print(f"complaint {id} is closed, without a case")
    return 0


def _made_case(store: Store, args: argparse.Namespace) -> int:
    from clausewise.evaluation.cases import cases_file
    from clausewise.evaluation.triage import Wanted, open_complaint, triage

    cases_file(args.suite)
    open_complaint(store, args.id)  # an index takes seconds to open
    wanted = Wanted(tuple(args.clause), tuple(args.beside), args.stance, args.silent, tuple(args.tag))
    case = triage(store, args.id, args.suite, cli_options.assistant(args).index, wanted)
    print(f"{args.suite}: case {case.id} of {case.school} is added, and complaint {args.id} is closed")
    return 0
