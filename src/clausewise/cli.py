"""Verbs -> assistant -> text or JSON, each quote verified as it goes out.

Bad input: one line on stderr, exit code 2; a failed gate, file or quote: exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TextIO

from rapidfuzz import process

from clausewise import __version__
from clausewise.cli_eval import ACTIONS, add_eval, index_option
from clausewise.errors import BadAnswers, BadQuestion, ClausewiseError
from clausewise.quoting import claims, mismatches, verified
from clausewise.settings import DEFAULT_CORPUS, Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    for stream, errors in ((sys.stdout, "strict"), (sys.stderr, "backslashreplace"), (sys.stdin, "surrogateescape")):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors=errors)  # policies hold what a Windows console's code page does not
    try:
        args = _parser().parse_args(_with_action(list(sys.argv[1:] if argv is None else argv)))
        return int(args.run(args))
    except ClausewiseError as error:
        print(f"clausewise: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `clausewise ask ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("clausewise: stopped", file=sys.stderr)
        return 130


def _with_action(argv: list[str]) -> list[str]:
    """`clausewise eval SUITE` is short for `clausewise eval run SUITE`."""
    short = argv[:1] == ["eval"] and len(argv) > 1 and argv[1] not in (*ACTIONS, "-h", "--help")
    return ["eval", "run", *argv[1:]] if short else argv


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ClausewiseError(f"{message}; see: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="clausewise", description="Ask your schools' policies; get the clause, word for word, with the school that wrote it."
    )
    parser.add_argument("--version", action="version", version=f"clausewise {__version__}")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)
    verb = verbs.add_parser("index", help="read the policies and build or update the index")
    verb.add_argument(
        "--corpus",
        type=Path,
        default=DEFAULT_CORPUS,
        metavar="DIR",
        help="folder with a folder of policies per school (default: %(default)s)",
    )
    index_option(verb)
    verb.set_defaults(run=_index)
    verb = verbs.add_parser("ask", help="answer a question, for each school, with quoted clauses")
    _question_options(verb, "question")
    verb.set_defaults(run=_ask)
    verb = verbs.add_parser("search", help="list the clauses nearest to a query")
    _question_options(verb, "query")
    verb.add_argument("-k", type=_count, default=10, metavar="N", help="so many clauses (default: %(default)s)")
    verb.set_defaults(run=_search)
    verb = verbs.add_parser("compare", help="where each school stands on a topic, or on every topic of a list")
    verb.add_argument("topic", nargs="?", help="a few words, such as \"friend requests from pupils\"")
    told = "a list of topics instead: social-media, mobile-devices, online-safety, or a .toml file"
    verb.add_argument("--topics", metavar="LIST", help=told)
    told = "with --topics: write the comparison; its form goes by its ending: .xlsx, .docx, .csv, .md, .html, .json; may be given again"
    verb.add_argument("--report", type=Path, action="append", default=[], metavar="FILE", help=told)
    _scope_options(verb)
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
    index_option(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(run=_changes)
    verb = verbs.add_parser("wording", help="clauses that schools share word for word, and where one changed which words")
    index_option(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(run=_wording)
    verb = verbs.add_parser("verify", help="check every quote of saved answers against the policies in the index")
    verb.add_argument("answers", metavar="ANSWERS.jsonl", help="what ask, search or compare gave as JSON; - for standard input")
    index_option(verb)
    verb.set_defaults(run=_verify)
    add_eval(verbs.add_parser("eval", help="score the answers to a suite of questions with known clauses, and judge them by its gate"))
    verb = verbs.add_parser("serve", help="index what has changed, then serve the chat page")
    verb.add_argument("--corpus", type=Path, default=DEFAULT_CORPUS, metavar="DIR", help="policies to index first (default: %(default)s)")
    index_option(verb)
    verb.set_defaults(run=_serve)
    return parser


def _scope_options(verb: argparse.ArgumentParser) -> None:
    index_option(verb)
    verb.add_argument("--school", action="append", metavar="ID", help="only this school; may be given again (default: every school)")
    verb.add_argument("--json", action="store_true", help="print JSON")


def _question_options(verb: argparse.ArgumentParser, name: str) -> None:
    verb.add_argument(name, nargs="?")
    _scope_options(verb)
    verb.add_argument("--jsonl", metavar="FILE", help="questions, one JSON object a line; - for standard input")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number from 1")
    return int(text)


# commands


def _index(args: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    built = _build(args.corpus, args.index, settings)
    counts = built.index.manifest["counts"]
    print(
        f"{args.index}: {counts['documents']} documents of {counts['schools']} schools, {counts['clauses']} clauses, "
        f"{counts['passages']} passages ({built.encoded} embedded now, {built.reused} kept)"
    )
    return 0


def _build(corpus_folder: Path, index_folder: Path, settings: Settings):  # type: ignore[no-untyped-def]
    """Read and index; health lines and progress go to stderr."""
    from clausewise.documents import health, load_corpus
    from clausewise.embeddings import Encoder
    from clausewise.index import build

    corpus = load_corpus(corpus_folder, settings.max_bytes)
    for document in corpus.documents:
        print(health(document), file=sys.stderr)
    for failure in corpus.failures:
        print(f"not indexed: {failure}", file=sys.stderr)
    return build(corpus, Encoder(settings.model), index_folder, lambda line: print(line, file=sys.stderr))


def _assistant(args: argparse.Namespace):  # type: ignore[no-untyped-def]
    from clausewise.assistant import Assistant

    return Assistant(args.index)


def _verified(assistant, row: dict[str, Any]) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    """`row`, about to be shown, if every quote in it is what the index's documents say."""
    return verified(row, assistant.index)


def _ask(args: argparse.Namespace) -> int:
    if args.jsonl:
        _no_question(args.question)
        assistant = _assistant(args)
        for line in _batch(args.jsonl):
            _print_line(line, lambda text: _verified(assistant, assistant.ask_line(text)))
        return 0
    question, assistant = _given(args.question, "question"), _assistant(args)
    reply = assistant.ask(question, args.school)
    row = _verified(assistant, reply.as_dict())
    if args.json:
        print(json.dumps(row, ensure_ascii=False))
    else:
        from clausewise.terminal import reply_text

        print(reply_text(reply, _names(assistant)))
    return 0


def _names(assistant) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {school.id: school.name for school in assistant.schools}


def _search(args: argparse.Namespace) -> int:
    assistant = _assistant(args)
    if args.jsonl:
        _no_question(args.query)
        for line in _batch(args.jsonl):
            _print_line(line, lambda text: _verified(assistant, assistant.search_line(text, args.k)))
        return 0
    query = _given(args.query, "query")
    quotes = assistant.search(query, args.school, args.k)
    row = _verified(assistant, {"id": None, "query": query, "results": [quote.as_dict() for quote in quotes]})
    if args.json:
        print(json.dumps(row, ensure_ascii=False))
    else:
        from clausewise.terminal import quote_text

        print("\n\n".join(f"{rank}. {quote_text(quote)}" for rank, quote in enumerate(quotes, start=1)))
    return 0


def _given(text: str | None, name: str) -> str:
    if text is None:
        raise BadQuestion(f"found no {name}; give one in quotation marks, or a file of them with --jsonl")
    return text


def _no_question(text: str | None) -> None:
    if text is not None:
        raise BadQuestion("found a question beside --jsonl; expected one or the other")


def _batch(name: str, kind: str = "questions") -> Iterator[tuple[int, str]]:
    """The lines of a file or of standard input, numbered from 1, blank ones left out."""
    try:
        if name == "-":
            yield from _numbered(sys.stdin)
        else:
            with open(name, encoding="utf-8-sig", errors="surrogateescape") as file:  # a bad line is refused by itself
                yield from _numbered(file)
    except OSError as error:
        raise BadQuestion(f"{name}: cannot be opened ({error.strerror}); expected a file of {kind}, one JSON object a line") from None


def _numbered(file: TextIO) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(file, start=1) if line.strip())


def _print_line(numbered: tuple[int, str], answer) -> None:  # type: ignore[no-untyped-def]
    """One answer line; a bad line gives an error in its place, here and on stderr, and the rest goes on."""
    number, line = numbered
    try:
        found = answer(line)
    except ClausewiseError as error:
        found = {"id": _id(line), "error": f"line {number}: {error}"}
        print(f"clausewise: line {number}: {error}", file=sys.stderr)
    print(json.dumps(found, ensure_ascii=False), flush=True)


def _id(line: str) -> Any:
    """The line's id as it was given, where it can be read and written."""
    try:
        found = json.loads(line)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found.get("id") if isinstance(found, dict) else None


def _compare(args: argparse.Namespace) -> int:
    if args.topics:
        return _compare_all(args)
    if args.report:
        raise BadQuestion("found --report without --topics; expected a list of topics to report on")
    if args.topic is None:
        raise BadQuestion("found no topic; give one in quotation marks, or a list of them with --topics; see: clausewise compare --help")
    assistant = _assistant(args)
    comparison = assistant.compare(args.topic, args.school)
    row = _verified(assistant, comparison.as_dict())
    if args.json:
        print(json.dumps(row, ensure_ascii=False))
    else:
        from clausewise.terminal import comparison_text

        print(comparison_text(comparison, _names(assistant)))
    return 0


def _compare_all(args: argparse.Namespace) -> int:
    from clausewise.comparison.report import report
    from clausewise.comparison.topics import load_topics
    from clausewise.exports import FORMS, render

    if args.topic:
        raise BadQuestion("found a topic beside --topics; expected one or the other")
    strange = [path for path in args.report if path.suffix.lower().lstrip(".") not in FORMS]
    if strange:
        raise BadQuestion(f"--report {strange[0]}: expected a name that ends in {', '.join('.' + form for form in FORMS)}")
    topics, assistant = load_topics(args.topics), _assistant(args)
    title = Path(args.topics).stem.replace("-", " ").capitalize()
    found = report(title, assistant.matrix(topics, args.school), assistant.index, date.today())
    for path in args.report:
        _write(path, render(path.suffix.lower().lstrip("."), found))
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        from clausewise.terminal import matrix_text

        print(matrix_text(found))
    return 0


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise ClausewiseError(f"{path}: cannot be written ({error.strerror}); name another file with --report") from None


def _documents(args: argparse.Namespace) -> int:
    from clausewise.dates import review
    from clausewise.documents import document_dict

    if args.radar or args.coverage:
        return _reviews(args)
    assistant = _assistant(args)
    if args.json:
        rows = [document_dict(document, date.today()) for document in assistant.documents]
        print(json.dumps({"documents": rows}, ensure_ascii=False))
        return 0
    for document in assistant.documents:
        state = f"superseded by {document.superseded_by}" if document.superseded_by else review(document, date.today()).text
        print(f"{document.id}  {document.title}  [{document.format}]  {state}")
    return 0


def _reviews(args: argparse.Namespace) -> int:
    from clausewise.comparison.coverage import coverage, load_kinds
    from clausewise.comparison.radar import radar
    from clausewise.terminal import coverage_text, radar_text

    index = _assistant(args).index
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
    from clausewise.terminal import changes_text

    new = load_texts(args.index)
    old = load_texts(args.old_index) if args.old_index else new
    for name, texts in ((args.old, old), (args.new, new)):
        if name not in texts.document:
            near = process.extract(name, list(texts.document), limit=3)
            raise BadQuestion(f"found no document {name!r} in the index; the nearest are: {', '.join(found[0] for found in near)}")
    found = changes(old, new, args.old, args.new)
    print(json.dumps({"changes": [change.as_dict() for change in found]}, ensure_ascii=False) if args.json else changes_text(found))
    return 0


def _wording(args: argparse.Namespace) -> int:
    from clausewise.comparison.wording import shared
    from clausewise.terminal import wording_text

    found = shared(_assistant(args).index)
    print(json.dumps({"shared": [asdict(group) for group in found]}, ensure_ascii=False) if args.json else wording_text(found))
    return 0


def _verify(args: argparse.Namespace) -> int:
    rows = [(number, _saved(number, line)) for number, line in _batch(args.answers, "answers")]
    index = _assistant(args).index
    wrong = [f"line {number}: {told}" for number, row in rows for told in mismatches(row, index)]
    total = sum(1 for _, row in rows for _ in claims(row))
    print("\n".join([*wrong, f"{args.answers}: quotes {total}, holding {total - len(wrong)}, failing {len(wrong)}"]))
    return 1 if wrong else 0


def _saved(number: int, line: str) -> dict[str, Any]:
    """A line of saved answers, in any of their JSON forms. The error line of a batch quotes nothing and is one of them."""
    try:
        row: dict[str, Any] = json.loads(line)
        if not row.keys().isdisjoint({"answers", "positions", "results", "error"}) and all(quote.keys() for _, quote in claims(row)):
            return row
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise BadAnswers(f"line {number}: found no saved answer; expected a line that ask, search or compare gave with --json or --jsonl")


def _serve(args: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    _build(args.corpus, args.index, settings)
    from clausewise.store import Store
    from clausewise.web.server import serve

    serve(_assistant(args), Store(settings.data), settings.host, settings.port, Path(settings.evals), args.index)
    return 0
