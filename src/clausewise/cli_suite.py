"""`clausewise eval`: the actions that keep a suite up with its policies and with what people complain of."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clausewise import cli_options
from clausewise.cli_options import index_option, suite_action
from clausewise.errors import BadSuite
from clausewise.settings import Settings

if TYPE_CHECKING:
    from clausewise.catalogue import Texts
    from clausewise.evaluation.cases import Suite
    from clausewise.evaluation.reissue import Proposal
    from clausewise.store import Store


def add_suite(actions: Any) -> None:
    told = "after a policy was issued anew: where the suite's clauses went; exit code 1 while some are to be confirmed"
    action = suite_action(actions, "anchor", _anchor, told)
    told = "the index that the ids belong to (default: the snapshot that they followed last, or the baseline's)"
    action.add_argument("--old", type=Path, metavar="DIR", help=told)
    action.add_argument("--write", action="store_true", help="change the suite: follow what is sure, let the rest wait")
    told = "where a clause went that is to be confirmed, and write it: OLD=NEW, OLD=NEW1,NEW2, OLD= (gone), or OLD alone (as proposed)"
    action.add_argument("--confirm", action="append", default=[], metavar="OLD[=NEW]", help=told)
    action = suite_action(actions, "twins", _twins, "ask what one school answers of each school that is silent on it")
    action.add_argument("--write", action="store_true", help="put those that are sure behind the suite's cases (default: only list them)")
    _triage_options(actions.add_parser("triage", help="list open complaints, or make a case of one"))


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


# actions


def _anchor(args: argparse.Namespace) -> int:
    from clausewise.evaluation.cases import load_suite
    from clausewise.evaluation.gates import load_gate
    from clausewise.evaluation.reissue import follow, proposals, write
    from clausewise.index import load_texts
    from clausewise.terminal_eval import anchors_text

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
    from clausewise.terminal_eval import twins_text

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
    from clausewise.terminal_eval import feedback_text

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
