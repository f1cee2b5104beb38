"""The policy lead's verbs: compare, documents, changes, wording -> text, JSON or a file for a meeting."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz import process

from clausewise import cli_options
from clausewise.cli_options import index_option, scope_options
from clausewise.errors import BadQuestion
from clausewise.quoting import verified

if TYPE_CHECKING:
    from clausewise.evaluation.reasked import Reasked


def add_comparison(verbs: Any) -> None:
    verb = verbs.add_parser("compare", help="where each school stands on a topic, or on every topic of a list")
    verb.add_argument("topic", nargs="?", help="a few words, such as \"friend requests from pupils\"")
    told = "a list of topics instead: social-media, mobile-devices, online-safety, or a .toml file"
    verb.add_argument("--topics", metavar="LIST", help=told)
    told = "with --topics: write the comparison; its form goes by its ending: .xlsx, .docx, .csv, .md, .html, .json; may be given again"
    verb.add_argument("--report", type=Path, action="append", default=[], metavar="FILE", help=told)
    told = "with --topics: the day that it is made and reviews are held against, to make a file again byte for byte (default: today)"
    verb.add_argument("--date", metavar="YYYY-MM-DD", help=told)
    scope_options(verb)
    verb.set_defaults(run=_compare)
    verb = verbs.add_parser("documents", help="list the policies, with their dates and what was read of each")
    index_option(verb)
    verb.add_argument("--radar", action="store_true", help="the reviews: overdue, due soon, not stated, with the line each date stands in")
    verb.add_argument("--coverage", action="store_true", help="which kinds of policy each school has, lacks, or has overdue")
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(run=_documents)
    verb = verbs.add_parser("changes", help="two versions of a policy, clause by clause, first of all where a duty became weaker")
    verb.add_argument("old", metavar="OLD", help="id of the earlier document")
    verb.add_argument("new", metavar="NEW", help="id of the later document")
    verb.add_argument("--old-index", type=Path, metavar="DIR", help="the index that OLD stands in, such as a snapshot (default: --index)")
    told = "a suite whose questions are asked under both versions: which get another answer now; may be given again"
    verb.add_argument("--questions", type=Path, action="append", default=[], metavar="SUITE", help=told)
    index_option(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(run=_changes)
    verb = verbs.add_parser("wording", help="clauses that schools share word for word, and where one changed which words")
    index_option(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(run=_wording)


def _compare(args: argparse.Namespace) -> int:
    if args.topics:
        return _compare_all(args)
    for option in ("report", "date"):
        if getattr(args, option):
            raise BadQuestion(f"found --{option} without --topics; expected a list of topics to report on")
    if args.topic is None:
        raise BadQuestion("found no topic; give one in quotation marks, or a list of them with --topics; see: clausewise compare --help")
    assistant = cli_options.assistant(args)
    comparison = assistant.compare(args.topic, args.school)
    row = verified(comparison.as_dict(), assistant.index)
    if args.json:
        print(json.dumps(row, ensure_ascii=False))
    else:
        from clausewise.terminal import comparison_text

        print(comparison_text(comparison, cli_options.names(assistant)))
    return 0


def _compare_all(args: argparse.Namespace) -> int:
    from clausewise.comparison.report import report
    from clausewise.comparison.topics import load_topics, title
    from clausewise.exports import FORMS, render

    if args.topic:
        raise BadQuestion("found a topic beside --topics; expected one or the other")
    strange = [path for path in args.report if path.suffix.lower().lstrip(".") not in FORMS]
    if strange:
        raise BadQuestion(f"--report {strange[0]}: expected a name that ends in {', '.join('.' + form for form in FORMS)}")
    topics, assistant = load_topics(args.topics), cli_options.assistant(args)
    found = report(title(args.topics), assistant.matrix(topics, args.school), assistant.index, _day(args.date))
    for path in args.report:
        cli_options.write(path, render(path.suffix.lower().lstrip("."), found))
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        from clausewise.terminal import matrix_text

        print(matrix_text(found))
    return 0


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise BadQuestion(f"--date: found {text!r}; expected a day such as 2026-11-29") from None


def _documents(args: argparse.Namespace) -> int:
    from clausewise.documents import document_dict, document_line

    if args.radar or args.coverage:
        return _reviews(args)
    assistant = cli_options.assistant(args)
    if args.json:
        rows = [document_dict(document, date.today()) for document in assistant.documents]
        print(json.dumps({"documents": rows, "failures": list(assistant.index.failures)}, ensure_ascii=False))
        return 0
    for document in assistant.documents:
        print(document_line(document, date.today()))
    for failure in assistant.index.failures:
        print(f"not indexed: {failure}")
    return 0


def _reviews(args: argparse.Namespace) -> int:
    from clausewise.comparison.coverage import coverage, load_kinds
    from clausewise.comparison.radar import radar
    from clausewise.terminal import coverage_text, radar_text

    index = cli_options.assistant(args).index
    if args.radar and args.coverage:
        raise BadQuestion("found --radar beside --coverage; expected one of them")
    if args.radar:
        entries = radar(index.documents, date.today())
        print(json.dumps({"radar": [asdict(entry) for entry in entries]}, ensure_ascii=False) if args.json else radar_text(entries))
        return 0
    found = coverage(index.documents, index.schools, load_kinds(), date.today())
    rows = [cell.as_dict() for cell in found.cells.values()]
    print(json.dumps({"coverage": rows}, ensure_ascii=False) if args.json else coverage_text(found))
    return 0


def _changes(args: argparse.Namespace) -> int:
    from clausewise.comparison.versions import changes
    from clausewise.index import load_texts
    from clausewise.terminal import changes_text, reasked_text

    new = load_texts(args.index)
    old = load_texts(args.old_index) if args.old_index else new
    for name, texts in ((args.old, old), (args.new, new)):
        if name not in texts.document:
            near = process.extract(name, list(texts.document), limit=3)
            raise BadQuestion(f"found no document {name!r} in the index; the nearest are: {', '.join(found[0] for found in near)}")
    found = changes(old, new, args.old, args.new)
    asked, turned = _reasked(args) if args.questions else (0, [])
    if args.json:
        questions = {"asked": asked, "questions": [one.as_dict() for one in turned]} if args.questions else {}
        print(json.dumps({"changes": [change.as_dict() for change in found], **questions}, ensure_ascii=False))
    else:
        print(changes_text(found))
        if args.questions:
            print("", reasked_text(turned, asked), sep="\n")
    return 0


def _reasked(args: argparse.Namespace) -> tuple[int, list[Reasked]]:
    """How many saved questions are put to the school of NEW, and those whose answer the new version turns."""
    from clausewise.assistant import Assistant
    from clausewise.evaluation.cases import load_suite
    from clausewise.evaluation.reasked import asked_twice
    from clausewise.restored import restored

    cases = [case for suite in args.questions for case in load_suite(suite).cases]
    now = cli_options.assistant(args)
    later, school = now.index.document[args.new], now.index.document[args.new].school
    if later.superseded_by:
        raise BadQuestion(f"{args.new} is superseded by {later.superseded_by}; with --questions expected the version in force as NEW")
    if not args.old_index and now.index.document[args.old].school != school:
        raise BadQuestion(f"{args.old} is another school's than {args.new}; with --questions expected two versions of one school's policy")
    earlier = args.old_index or restored(now.index, now.encoder, args.old, args.new)
    pairs = [*asked_twice(cases, school, Assistant(earlier, replace(now.settings, milvus=""), now.encoder), now)]
    return len(pairs), [pair for pair in pairs if pair.turned]


def _wording(args: argparse.Namespace) -> int:
    from clausewise.comparison.wording import shared
    from clausewise.terminal import wording_text

    found = shared(cli_options.assistant(args).index)
    print(json.dumps({"shared": [asdict(group) for group in found]}, ensure_ascii=False) if args.json else wording_text(found))
    return 0
