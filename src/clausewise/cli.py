"""Verbs -> assistant -> text or JSON, each quote verified as it goes out.

Bad input: one line on stderr, exit code 2; a failed gate, file or quote: exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from clausewise import __version__, cli_options
from clausewise.cli_accounts import add_accounts, check_administrator, opened
from clausewise.cli_compare import add_comparison
from clausewise.cli_eval import ACTIONS, add_eval
from clausewise.cli_options import index_option, scope_options
from clausewise.errors import BadAnswers, BadQuestion, ClausewiseError, IndexInUse, IndexNotWritten, MissingIndex
from clausewise.quoting import claims, mismatches, verified
from clausewise.settings import DEFAULT_CORPUS, Settings, SignIn

if TYPE_CHECKING:
    from clausewise.assistant import Assistant


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
    verb.add_argument("--verify", action="store_true", help="build nothing: read every file of the index, and say which are damaged")
    verb.add_argument(
        "--engine",
        choices=["ray"],
        help="embed on the machines of a Ray cluster, the one that Ray's own RAY_ADDRESS names (default: on this machine)",
    )
    verb.set_defaults(run=_index)
    verb = verbs.add_parser("ask", help="answer a question, for each school, with quoted clauses")
    _question_options(verb, "question")
    verb.set_defaults(run=_ask)
    verb = verbs.add_parser("search", help="list the clauses nearest to a query")
    _question_options(verb, "query")
    verb.add_argument("-k", type=_count, default=10, metavar="N", help="so many clauses (default: %(default)s)")
    verb.set_defaults(run=_search)
    add_comparison(verbs)
    verb = verbs.add_parser("verify", help="check every quote of saved answers against the policies in the index")
    verb.add_argument("answers", metavar="ANSWERS.jsonl", help="what ask, search or compare gave as JSON; - for standard input")
    index_option(verb)
    verb.set_defaults(run=_verify)
    add_eval(verbs.add_parser("eval", help="score the answers to a suite of questions with known clauses, and judge them by its gate"))
    add_accounts(verbs.add_parser("accounts", help="who may sign in to a served page, and what they may do"))
    verb = verbs.add_parser("mcp", help="be an assistant's tools over standard input and output (Model Context Protocol)")
    index_option(verb)
    verb.set_defaults(run=_mcp)
    verb = verbs.add_parser("serve", help="index what has changed, then serve the chat page")
    verb.add_argument("--corpus", type=Path, default=DEFAULT_CORPUS, metavar="DIR", help="policies to index first (default: %(default)s)")
    index_option(verb)
    verb.set_defaults(run=_serve)
    return parser


def _question_options(verb: argparse.ArgumentParser, name: str) -> None:
    verb.add_argument(name, nargs="?")
    scope_options(verb)
    verb.add_argument("--jsonl", metavar="FILE", help="questions, one JSON object a line; - for standard input")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number from 1")
    return int(text)


# commands


def _index(args: argparse.Namespace) -> int:
    if args.verify:
        return _verify_index(args)
    settings = Settings.from_environment()
    built = _build(args.corpus, args.index, settings, _engine(args.engine, settings))
    counts = built.index.manifest["counts"]
    print(
        f"{args.index}: {counts['documents']} documents of {counts['schools']} schools, {counts['clauses']} clauses, "
        f"{counts['passages']} passages ({built.encoded} embedded now, {built.reused} kept)"
    )
    return 0


def _engine(name: str | None, settings: Settings):  # type: ignore[no-untyped-def]
    """What embeds: None for this process."""
    if not name:
        return None
    from clausewise.embeddings import Encoder
    from clausewise.spread import Ray

    return Ray(partial(Encoder, settings.model))


def _build(corpus_folder: Path, index_folder: Path, settings: Settings, engine=None):  # type: ignore[no-untyped-def]
    """Read and index; health lines and progress go to stderr."""
    from clausewise.bars import embedding
    from clausewise.building import build_with, indexing
    from clausewise.documents import health, load_corpus
    from clausewise.embeddings import Encoder
    from clausewise.milvus import copied
    from clausewise.steps import on_every_core

    with indexing(index_folder) as writer:
        corpus = load_corpus(corpus_folder, settings.max_bytes, settings.limits)
        for document in corpus.documents:
            print(health(document), file=sys.stderr)
        for failure in corpus.failures:
            print(f"not indexed: {failure}", file=sys.stderr)
        encoder = Encoder(settings.model)
        also = partial(copied, settings.milvus, index_folder, tell=lambda line: print(line, file=sys.stderr))
        return build_with(writer, corpus, encoder, embedding(), engine or on_every_core, also)


def _verify_index(args: argparse.Namespace) -> int:
    """Every fault on a line of its own; 2 where there is one."""
    from clausewise.index import verify

    faults = verify(args.index)
    if not faults:
        print(f"{args.index}: every file is as it was written")
        return 0
    for fault in faults:
        print(fault)
    print(f"clausewise: rebuild with: clausewise index --corpus {args.corpus} --index {args.index}", file=sys.stderr)
    return 2


def _ask(args: argparse.Namespace) -> int:
    if args.jsonl:
        _no_question(args.question)
        assistant = cli_options.assistant(args)
        for line in _batch(args.jsonl):
            _print_line(line, lambda text: verified(assistant.ask_line(text), assistant.index))
        return 0
    question, assistant = _given(args.question, "question"), cli_options.assistant(args)
    reply = assistant.ask(question, args.school)
    row = verified(reply.as_dict(), assistant.index)
    if args.json:
        print(json.dumps(row, ensure_ascii=False))
    else:
        from clausewise.terminal import reply_text

        print(reply_text(reply, cli_options.names(assistant)))
    return 0


def _search(args: argparse.Namespace) -> int:
    assistant = cli_options.assistant(args)
    if args.jsonl:
        _no_question(args.query)
        for line in _batch(args.jsonl):
            _print_line(line, lambda text: verified(assistant.search_line(text, args.k), assistant.index))
        return 0
    query = _given(args.query, "query")
    quotes = assistant.search(query, args.school, args.k)
    row = verified({"id": None, "query": query, "results": [quote.as_dict() for quote in quotes]}, assistant.index)
    if args.json:
        print(json.dumps(row, ensure_ascii=False))
    else:
        from clausewise.terminal import results_text

        print(results_text(quotes))
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


def _verify(args: argparse.Namespace) -> int:
    rows = [(number, _saved(number, line)) for number, line in _batch(args.answers, "answers")]
    index = cli_options.assistant(args).index
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


def _mcp(args: argparse.Namespace) -> int:
    from clausewise.tools import serve

    serve(cli_options.assistant(args), args.index)
    return 0


def _renewed(args: argparse.Namespace, settings: Settings) -> Assistant:
    """Over the policies as they are now; where no index of them can be written, over the index that is there."""
    try:
        _build(args.corpus, args.index, settings)
    except (IndexInUse, IndexNotWritten) as error:
        with suppress(MissingIndex):
            found = cli_options.assistant(args)
            print(f"clausewise: {error}; till then the index that is there answers", file=sys.stderr)
            return found
        raise
    return cli_options.assistant(args)


def _serve(args: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    sign_in, accounts = SignIn.from_environment(settings.host), opened(settings)
    check_administrator(accounts, sign_in)
    assistant = _renewed(args, settings)
    from clausewise.store import Store
    from clausewise.web.server import serve

    where = Path(settings.evals), args.index, args.corpus, settings.keep_days, accounts, sign_in
    serve(assistant, Store(settings.data), settings.host, settings.port, *where)
    return 0
