"""Quotes that cannot be wrong: thousands of forged ones, none accepted; what does not hold is not shown; `clausewise verify`."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import MAX_BYTES, POLICIES, ROOT, WordsEncoder, write
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import SOMEBODY

from clausewise.answering import quote as quote_of
from clausewise.building import build
from clausewise.cli import main
from clausewise.comparison.positions import Comparison
from clausewise.conversations import Conversations
from clausewise.documents import load_corpus
from clausewise.errors import ClausewiseError, QuoteMismatch
from clausewise.index import Index
from clausewise.quoting import problem, verified
from clausewise.store import Store
from clausewise.types import Answer, Clause, Document, Quote, Reply, Span
from clausewise.web.api import add_api
from clausewise.web.chat import Chat
from clausewise.web.desk import Desk
from clausewise.web.server import refused
from clausewise.web.who import Everyone

Row = dict[str, Any]

SEED = 20261121
EACH = 330  # forged quotes of a kind, at most
ACTORS = ["staff", "pupils", "parents", "carers", "governors", "volunteers", "visitors", "teachers", "children", "students", "headteacher"]
MODALS = ["must", "should", "may", "can", "will", "shall", "need to", "are encouraged to"]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "fourteen", "twenty", "thirty"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
SEASONS = ["Spring", "Summer", "Autumn", "Winter"]
UNITS = [["day", "week", "month", "term", "year", "hour"], ["days", "weeks", "months", "terms", "years", "hours"]]
UNITS += [["daily", "weekly", "monthly", "termly", "yearly", "annually"]]
LOOK_ALIKES = [*zip("aceiopxyABCEHKMOPTX", "асеіорхуАВСЕНКМОРТХ", strict=True)]
LOOK_ALIKES += [(" ", space) for space in ("\u00a0", "\u2009", "  ", "\t", "\n", " \u200b", "")]
LOOK_ALIKES += [("’", "'"), ("'", "’"), ("‘", "'"), ("“", '"'), ('"', "“"), ("”", '"'), ("-", "–"), ("-", "\u2011"), ("–", "-"), ("—", "–")]
LOOK_ALIKES += [
    ("fi", "ﬁ"),
    ("é", "e\u0301"),
    ("l", "I"),
    ("m", "rn"),
    ("n", "n\u00ad"),
    ("s", "s\u200d"),
    ("o", "0"),
    (".", "․"),
    (",", "‚"),
]
LOOK_ALIKES += [(digit, chr(0xFF10 + int(digit))) for digit in "0123456789"]


# forging: text -> every text that says something else, or looks the same and is not


def swapped(*groups: Sequence[str]) -> Callable[[str], Iterator[str]]:
    """Each word of a group put in the place of each other, with the other's capital."""

    def forge(text: str) -> Iterator[str]:
        for group in groups:
            for found in re.finditer(rf"\b(?:{'|'.join(group)})\b", text, re.I):
                for word in group:
                    if word.lower() != found[0].lower():
                        yield put(text, found, word.capitalize() if found[0][0].isupper() else word)

    return forge


def put(text: str, found: re.Match[str], word: str) -> str:
    return text[: found.start()] + word + text[found.end() :]


def negated(text: str) -> Iterator[str]:
    """A "not" or "no" more or less."""
    for found in re.finditer(r" (?:not|never)\b|n[’']t\b|\b[Nn]o (?=\w)", text):
        yield put(text, found, "")
    for found in re.finditer(r"\b(?:must|may|should|can|will|shall|is|are|do|does|has|have)\b(?! not)", text):
        yield put(text, found, f"{found[0]} not")
        yield put(text, found, f"{found[0]} never")


def renumbered(text: str) -> Iterator[str]:
    for found in re.finditer(r"\d+", text):
        number = int(found[0])
        others = {number + 1, number + 2, number + 10, number * 2, number * 10, max(number - 1, 0)} - {number}
        yield from (put(text, found, str(other)) for other in sorted(others))
    yield from swapped(NUMBERS)(text)


def redated(text: str) -> Iterator[str]:
    yield from swapped(WEEKDAYS, SEASONS, *UNITS)(text)
    for found in re.finditer(rf"\b(?:{'|'.join(MONTHS)})\b", text):  # with its capital: "may" is a modal
        yield from (put(text, found, month) for month in MONTHS if month != found[0])
    for found in re.finditer(r"\b20\d\d\b", text):
        yield from (put(text, found, str(int(found[0]) + years)) for years in (-10, -1, 1, 10))


def disguised(text: str) -> Iterator[str]:
    """The same to the eye: one letter of another alphabet, other spaces, other quotation marks, another normal form."""
    for old, new in LOOK_ALIKES:
        yield from (put(text, found, new) for found in list(re.finditer(re.escape(old), text))[:1])
    yield from (f" {text}", f"{text}\u200b", f"\ufeff{text}", text.upper(), text.casefold(), f"{text}.")
    yield from (unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD"))


def cut(text: str) -> Iterator[str]:
    """Words cut out of the middle or the end, with and without a mark."""
    words = text.split(" ")
    rng = random.Random(f"{SEED} {text}")
    for mark in ("…", "...", " … ", " [...] ", "[…] ", " "):
        if len(words) > 3:
            first = rng.randrange(1, len(words) - 2)
            after = rng.randrange(first + 1, len(words) - 1)
            yield " ".join(words[:first]) + mark + " ".join(words[after:])
    yield " ".join(words[: len(words) // 2 + 1]) + "…"


KINDS: dict[str, Callable[[str], Iterator[str]]] = {
    "negation": negated,
    "number": renumbered,
    "actor": swapped(ACTORS),
    "modality": swapped(MODALS),
    "date": redated,
    "look-alike": disguised,
    "ellipsis": cut,
}


@dataclass(frozen=True)
class Forged:
    """A quote that is not what its policy says, put forward as `school`'s."""

    school: str
    quote: Row
    original: Row


def originals(index: Index) -> list[Row]:
    """All that could ever be quoted."""
    return [quote_of(index, passage, 0.5).as_dict() for passage in index.passages]


def school_of(quote: Row) -> str:
    return str(quote["document"]).split("/")[0]


def forged_words(index: Index, kind: str) -> list[Forged]:
    """Each quote's words forged in every way of a kind; every second one claims an end that fits its new length."""
    made = [
        Forged(school_of(quote), {**quote, "text": text}, quote)
        for quote in originals(index)
        for text in KINDS[kind](quote["text"])
        if text != quote["text"]  # a text that has no ligature is its own NFKC
    ]
    return [refitted(forged) if number % 2 else forged for number, forged in enumerate(few(made, kind))]


def few(made: list[Forged], kind: str) -> list[Forged]:
    return random.Random(f"{SEED} {kind}").sample(made, min(EACH, len(made)))


def refitted(forged: Forged) -> Forged:
    return replace(forged, quote={**forged.quote, "end": forged.quote["start"] + len(forged.quote["text"])})


def cut_out(index: Index) -> list[Forged]:
    """The document's own words under their own offsets, but not a whole sentence: "member of staff may" of "No member of staff may"."""
    made = []
    for quote in originals(index):
        start, text = quote["start"], quote["text"]
        edges = [0, *(found.start() for found in re.finditer(r"(?<=\s)\S", text))]
        ends = [*(found.end() for found in re.finditer(r"\S(?=\s)", text)), len(text)]
        stretches = {(edges[1], ends[-1]), (edges[0], ends[-2]), (edges[1], ends[-2]), (edges[-1], ends[-1])} if len(edges) > 2 else set()
        stretches |= {(0, len(text) - 1), (1, len(text))}
        for first, last in sorted((first, last) for first, last in stretches if first < last):
            part = {**quote, "text": text[first:last], "start": start + first, "end": start + last}
            if Span(start + first, start + last) not in index.quotable[quote["clause"]]:  # a clause's own sentence is no forgery
                made.append(Forged(school_of(quote), part, quote))
    return few(made, "cut-out")


def run_on(index: Index) -> list[Forged]:
    """Two sentences or more of a clause as one quote, but not the whole of it."""
    made = []
    for clause, spans in index.quotable.items():
        whole, document = index.clause[clause].body, index.document[index.clause[clause].document]
        ordered = sorted(spans - {whole})
        for first, last in combinations(ordered, 2):
            span = Span(first.start, last.end)
            said, meant = (Quote(document, index.clause[clause], place, 0.5).as_dict() for place in (span, first))
            if span != whole:
                made.append(Forged(school_of(said), said, meant))
    return made


def shifted(index: Index) -> list[Forged]:
    moves = [(1, 1), (-1, -1), (0, 1), (1, 0), (0, -1), (-1, 0), (40, 40), (-40, -40), (10**6, 10**6)]
    return [
        Forged(school_of(quote), {**quote, "start": quote["start"] + first, "end": quote["end"] + last}, quote)
        for quote in originals(index)
        for first, last in moves
    ]


def other_schools(index: Index) -> list[Forged]:
    """A school's quote put forward as another's: as it stands, and under the name of the other's document."""
    made = []
    for quote in originals(index):
        for document in index.documents:
            if document.school != school_of(quote):
                place = quote["clause"].partition("#")[2]
                renamed = {**quote, "document": document.id, "clause": f"{document.id}#{place}", "title": document.title}
                made.append(Forged(document.school, quote, quote))
                made.append(Forged(document.school, renamed, quote))
                made.append(Forged(school_of(quote), {**quote, "document": document.id}, quote))
    return made


def other_clauses(index: Index) -> list[Forged]:
    """The clauses that the quote does not stand in: one of its own document, and one of any."""
    rng = random.Random(SEED)
    made = []
    for quote in originals(index):
        own = [clause.id for clause in index.clauses if clause.document == quote["document"]]
        for ids in (own, list(index.clause)):
            place = rng.choice([i for i in ids if i != quote["clause"]])
            made.append(Forged(school_of(quote), {**quote, "clause": place}, quote))
    return made


def other_lead_ins(index: Index) -> list[Forged]:
    """What a rule hangs from is a part of it: forged like its words, left out, or made up."""
    made = []
    for quote in originals(index):
        leads = [None, *(text for forge in KINDS.values() for text in forge(quote["lead_in"]))] if quote["lead_in"] else ["Staff may:"]
        made += [Forged(school_of(quote), {**quote, "lead_in": lead}, quote) for lead in leads if lead != quote["lead_in"]]
    return made


def other_citations(index: Index) -> list[Forged]:
    changes: list[Row] = [{"number": "99.9"}, {"number": 7}, {"headings": ["Rewards"]}, {"headings": None}, {"title": "Another Policy"}]
    changes += [{"page": 99}, {"page": True}, {"page": "1"}]
    return [Forged(school_of(quote), {**quote, **change}, quote) for quote in originals(index) for change in changes]


PLACES: dict[str, Callable[[Index], list[Forged]]] = {
    "shifted": shifted,
    "other school's document": other_schools,
    "other clause's id": other_clauses,
    "other lead-in": other_lead_ins,
    "other citation": other_citations,
}


@pytest.fixture(scope="module", params=["sample", "five"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The sample corpus, and the five real policies. Their clauses do not hang on the encoder, so the stand-in will do."""
    corpus = {"sample": ROOT / "corpus", "five": POLICIES}[request.param]
    if not corpus.is_dir():
        pytest.skip(f"the five schools' policies are not at {POLICIES}")
    return build(load_corpus(corpus, MAX_BYTES), WordsEncoder(), tmp_path_factory.mktemp("quoting") / "index").index  # type: ignore[arg-type]


def accepted(index: Index, forged: list[Forged]) -> list[Forged]:
    return [f for f in forged if problem(f.quote, f.school, index) is None]


def test_every_quote_as_it_stands_is_accepted(index: Index) -> None:
    found = originals(index)
    assert len(found) > 400
    assert [problem(q, school_of(q), index) for q in found] == [None] * len(found)


def test_of_thousands_of_forged_quotes_none_is_accepted(index: Index) -> None:
    forged = {kind: forged_words(index, kind) for kind in KINDS}
    assert {kind: len(made) for kind, made in forged.items() if len(made) < 200} == {}
    assert sum(len(made) for made in forged.values()) >= 2000
    for made in forged.values():
        for one in made:
            document = index.document[one.quote["document"]]
            assert one.quote["text"] != one.original["text"] == document.text[one.original["start"] : one.original["end"]]
            assert one.quote["text"] != document.text[one.quote["start"] : one.quote["end"]]
        assert accepted(index, made) == []


def test_of_true_words_cut_out_of_a_sentence_none_are_accepted(index: Index) -> None:
    forged = {"cut-out": cut_out(index), "run on": run_on(index)}
    assert len(forged["cut-out"]) == EACH
    assert len(forged["run on"]) > 30
    for made in forged.values():
        for one in made:
            text = index.document[one.quote["document"]].text
            assert one.quote["text"] == text[one.quote["start"] : one.quote["end"]] != one.original["text"]
        assert accepted(index, made) == []


def test_the_same_forgeries_every_time(index: Index) -> None:
    assert [forged_words(index, kind) for kind in KINDS] == [forged_words(index, kind) for kind in KINDS]
    assert cut_out(index) == cut_out(index)


@pytest.mark.parametrize("kind", PLACES)
def test_no_quote_is_accepted_at_another_place(kind: str, index: Index) -> None:
    made = few([f for f in PLACES[kind](index) if f.quote != f.original or f.school != school_of(f.original)], kind)
    assert len(made) >= 200
    assert accepted(index, made) == []


def test_a_clause_that_two_schools_share_is_each_one_s_own(small_index: Index) -> None:
    """The same words at the same characters, so that nothing but the names can tell them apart."""
    shared = [q for q in originals(small_index) if q["clause"].endswith("/phones#1.1")]
    assert [school_of(q) for q in shared] == ["larch", "maple"]
    assert len({(q["text"], q["start"], q["end"], q["title"]) for q in shared}) == 1
    for own, other in (shared, shared[::-1]):
        check = [problem(quote, school_of(own), small_index) for quote in (own, other)]
        assert check == [None, f"document: found one of '{school_of(other)}', expected one of '{school_of(own)}'"]
        mixed = {**own, "clause": other["clause"]}
        assert problem(mixed, school_of(own), small_index) == (f"clause: found '{other['clause']}', expected one of '{own['document']}'")


# what is said of a quote that does not hold

TEXT = "Staff must not:\n- bring a dog on site without leave. Ask first.\n"
PETS = Document("larch/pets", "larch", "Pets Policy", "larch/pets.txt", "text", "0" * 64, TEXT, pages=(0,))
ITEM = Clause("larch/pets#2/1", PETS.id, "larch", "item", Span(16, 63), Span(18, 63), "2", ("2 Animals", "Dogs"), (Span(0, 15),))
OTHER = Clause("larch/pets#2", PETS.id, "larch", "clause", Span(0, 15), Span(0, 15))
QUOTE = Quote(PETS, ITEM, Span(18, 52), 0.8).as_dict()
INDEX: Any = SimpleNamespace(
    document={PETS.id: PETS},
    clause={ITEM.id: ITEM, OTHER.id: OTHER},
    quotable={ITEM.id: frozenset({Span(18, 52), Span(53, 63)})},  # of what leads in, none
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "bring a cat on site without leave."}, "text, character 9: found 'cat on site with', expected 'dog on site with'"),
        (
            {"text": "bring \u0430 dog on site without leave"},
            "text, character 7: found '\\u0430 dog on site wi', expected 'a dog on site wi'",
        ),
        ({"text": "bring a dog on site"}, "text, character 16: found 'site', expected 'site without lea'"),
        ({"text": None}, "text: found None, expected 'bring a dog on s'"),
        ({"start": 0}, "text, character 1: found 'bring a dog on s', expected 'Staff must not:\\n'"),
        ({"end": 900}, "start and end: found 18 and 900, expected a stretch of 0 to 64"),
        ({"start": 52}, "start and end: found 52 and 52, expected a stretch of 0 to 64"),
        ({"start": -34, "end": -1}, "start and end: found -34 and -1, expected a stretch of 0 to 64"),
        ({"start": 18.0}, "start and end: found 18.0 and 52, expected a stretch of 0 to 64"),
        ({"start": True}, "start and end: found True and 52, expected a stretch of 0 to 64"),
        ({"start": "18"}, "start and end: found '18' and 52, expected a stretch of 0 to 64"),
        ({"document": "larch/cats"}, "document: found 'larch/cats', expected one of the index"),
        ({"document": ["larch/pets"]}, "document: found a list, expected one of the index"),
        ({"clause": "larch/cats#2/1"}, "clause: found 'larch/cats#2/1', expected one of 'larch/pets'"),
        ({"clause": None}, "clause: found None, expected one of 'larch/pets'"),
        ({"clause": "larch/pets#7"}, "clause: found an id that the document does not hold, expected one that it does"),
        ({"clause": "larch/pets#2"}, "start and end: found 18 and 52, expected a whole sentence of 0 to 15"),
        ({"lead_in": "Staff may:"}, "lead_in, character 7: found 'may:', expected 'must not:'"),
        ({"lead_in": None}, "lead_in: found None, expected 'Staff must not:'"),
        ({"lead_in": "Staff may, at any time:"}, "lead_in, character 7: found 'may, at any time', expected 'must not:'"),
        ({"number": "3"}, "number, character 1: found '3', expected '2'"),
        ({"headings": ["2 Animals", "Cats"]}, "headings, 2, character 1: found 'Cats', expected 'Dogs'"),
        ({"headings": ["2 Animals"]}, "headings, 2: found None, expected 'Dogs'"),
        ({"title": "Rewards Policy"}, "title, character 1: found 'Rewards Policy', expected 'Pets Policy'"),
        ({"page": True}, "page: found True, expected 1"),
    ],
)
def test_what_differs_is_said_in_one_line(change: Row, said: str) -> None:
    assert problem({**QUOTE, **change}, "larch", INDEX) == said


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("bring a dog", 18, 29),
        ("a dog on site without leave.", 24, 52),
        ("bring a dog on site without leave", 18, 51),
        ("bring a dog on site without leave. Ask first.", 18, 63),
        ("leave. Ask", 46, 56),
    ],
)
def test_a_part_of_a_clause_under_its_own_address_is_no_quote(text: str, start: int, end: int) -> None:
    """True words in their true place, and yet they may say what the rule does not: a quote is a whole sentence."""
    assert TEXT[start:end] == text
    assert problem({**QUOTE, "text": text, "start": start, "end": end}, "larch", INDEX) == (
        f"start and end: found {start} and {end}, expected a whole sentence of 18 to 63"
    )


def test_each_sentence_of_a_clause_is_a_quote() -> None:
    assert problem(QUOTE, "larch", INDEX) is None
    assert problem({**QUOTE, "text": "Ask first.", "start": 53, "end": 63}, "larch", INDEX) is None


def test_a_clause_s_name_is_not_the_beginning_of_another_s() -> None:
    assert problem({**QUOTE, "clause": "larch/petsitting#7"}, "larch", INDEX) == (
        "clause: found 'larch/petsitting#7', expected one of 'larch/pets'"
    )


def test_a_reply_that_holds_comes_back_as_it_is() -> None:
    answer = {"school": "larch", "quotes": [QUOTE], "closest": []}
    for row in ({"answers": [answer]}, {"positions": [answer]}, {"results": [QUOTE]}, {"answers": []}):
        assert verified(row, INDEX) is row


@pytest.mark.parametrize("place", ["quotes", "closest", "positions", "results"])
def test_one_quote_that_does_not_hold_spoils_the_reply(place: str) -> None:
    bad = {**QUOTE, "text": "bring a cat on site without leave."}
    answer = {"school": "larch", "quotes": [QUOTE], "closest": [], **({place: [QUOTE, bad]} if place in ("quotes", "closest") else {})}
    row = {"results": [QUOTE, bad]} if place == "results" else {"positions" if place == "positions" else "answers": [answer]}
    if place == "positions":
        row["positions"] = [{**answer, "quotes": [bad]}]
    with pytest.raises(QuoteMismatch) as raised:
        verified(row, INDEX)
    assert str(raised.value) == (
        "a quote is not what its policy says, so the answer is withheld: 'larch', clause 'larch/pets#2/1': text, character 9: "
        "found 'cat on site with', expected 'dog on site with'; build the index again with: clausewise index"
    )


# what does not hold is not shown

TRUE = "Pupils must hand their phones to the office each morning."
FALSE = "Pupils may keep their phones to the office each morning."


class Forger:
    """The facade's surface around an index; what it quotes comes from documents that `forge` has gone over."""

    def __init__(self, index: Index, forge: Callable[[str], str]) -> None:
        self.index, self.schools, self.documents = index, index.schools, index.documents
        row = next(p for p in index.passages if p.clause == "larch/phones#1.1")
        honest = quote_of(index, row, 0.9)
        self.quote = replace(honest, document=replace(honest.document, text=forge(honest.document.text)))

    def answers(self, silent: bool) -> tuple[Answer, ...]:
        if silent:
            return (Answer("larch", "Larch Road School", "not_covered", "too_weak", None, 0.9, (), (self.quote,)),)
        return (Answer("larch", "Larch Road School", "answered", None, "required", 0.9, (self.quote,)),)

    def ask(self, question: str, *_: Any) -> Reply:
        return Reply(question, question, ("larch",), self.answers("lunch" in question))

    def compare(self, topic: str, *_: Any) -> Comparison:
        return Comparison(topic, self.answers("lunch" in topic))

    def search(self, *_: Any) -> list[Quote]:
        return [self.quote]

    def ask_line(self, line: str) -> Row:
        return self.ask(json.loads(line)["question"]).as_dict("q1")

    def search_line(self, line: str, k: int) -> Row:
        return {"id": "q1", "query": line, "results": [self.quote.as_dict()]}


@pytest.fixture
def honest(small_index: Index) -> Forger:
    return Forger(small_index, lambda text: text)


@pytest.fixture
def forger(small_index: Index) -> Forger:
    return Forger(small_index, lambda text: text.replace("must hand", "may keep"))


COMMANDS = [[verb, *flags, words] for verb in ("ask", "search", "compare") for flags in ([], ["--json"]) for words in ("phones", "lunch")]


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_a_terminal_shows_what_holds_and_nothing_else(
    argv: list[str], honest: Forger, forger: Forger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("clausewise.cli_options.assistant", lambda args: honest)
    assert main(argv) == 0
    assert TRUE in capsys.readouterr().out
    monkeypatch.setattr("clausewise.cli_options.assistant", lambda args: forger)
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "clausewise: a quote is not what its policy says, so the answer is withheld: 'larch', clause 'larch/phones#1.1': "
        "text, character 8: found 'may keep their p', expected 'must hand their '; build the index again with: clausewise index\n"
    )


@pytest.mark.parametrize("verb", ["ask", "search"])
def test_in_a_batch_the_error_stands_in_the_answer_s_place(
    verb: str, forger: Forger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("clausewise.cli_options.assistant", lambda args: forger)
    file = write(tmp_path, {"q.jsonl": '{"id": "q1", "question": "phones"}\n'}) / "q.jsonl"
    assert main([verb, "--jsonl", str(file)]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (list(row), row["id"]) == (["id", "error"], "q1")
    assert row["error"].startswith("line 1: a quote is not what its policy says, so the answer is withheld: 'larch', clause")


def page_of(assistant: Forger, folder: Path) -> Chat:
    return Chat(Desk(assistant), Store(folder), Conversations(folder))  # type: ignore[arg-type]


@pytest.mark.parametrize("question", ["phones", "lunch"])
def test_the_page_shows_what_holds_and_nothing_else(question: str, honest: Forger, forger: Forger, tmp_path: Path) -> None:
    asked = {"question": question, "schools": ["larch"]}
    shown = page_of(honest, tmp_path).ask(asked, SOMEBODY)
    assert f">{TRUE}</blockquote>" in shown.html
    withheld = page_of(forger, tmp_path).ask(asked, SOMEBODY)
    assert '<p class="cw-error">' in withheld.html
    assert "A quote is not what its policy says, so the answer is withheld" in withheld.html
    assert withheld.status.startswith("a quote is not what its policy says")
    assert FALSE not in withheld.html
    assert not any(tag in withheld.html for tag in ("<blockquote", "<article", "cw-stance"))


@pytest.mark.parametrize("question", ["phones", "lunch"])
def test_the_api_gives_what_holds_and_nothing_else(question: str, honest: Forger, forger: Forger, tmp_path: Path) -> None:
    responses = []
    for assistant in (honest, forger):
        app = FastAPI()
        app.add_middleware(Everyone)
        app.exception_handler(ClausewiseError)(refused)
        add_api(app, Desk(assistant, index=tmp_path), Store(tmp_path))  # type: ignore[arg-type]
        responses.append(TestClient(app).post("/api/v1/ask", json={"question": question}))
    assert [response.status_code for response in responses] == [200, 500]
    answer = responses[0].json()["answers"][0]
    assert [quote["text"] for quote in answer["quotes"] + answer["closest"]] == [TRUE]
    assert list(responses[1].json()) == ["error"]
    assert "the answer is withheld" in responses[1].json()["error"]
    assert FALSE not in responses[1].text


# clausewise verify


@pytest.fixture
def verify(
    small_corpus: Path, words: WordsEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Verify lines against an index of the small corpus: exit code, standard output, standard error."""
    monkeypatch.setattr("clausewise.assistant.Encoder", lambda model="": words)
    monkeypatch.chdir(tmp_path)
    build(load_corpus(small_corpus, MAX_BYTES), words, tmp_path / "index")  # type: ignore[arg-type]

    def ran(*lines: str) -> tuple[int, str, str]:
        write(tmp_path, {"answers.jsonl": "".join(f"{line}\n" for line in lines)})
        code = main(["verify", "answers.jsonl", "--index", "index"])
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def saved(verify: object, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The line that a command gives on the index of `verify`."""

    def said(*argv: str) -> str:
        assert main([*argv, "--index", "index", "--json"]) == 0
        return capsys.readouterr().out.strip()

    return said


def test_saved_answers_hold(verify: Callable[..., tuple[int, str, str]], saved: Callable[..., str]) -> None:
    lines = [saved("ask", TRUE), saved("ask", "How much is lunch?"), saved("search", "phones", "-k", "3"), saved("compare", "dogs")]
    count = sum(line.count('"lead_in"') for line in lines)
    assert count > 8
    assert Counter(kind for line in lines for kind in ("answers", "positions", "results") if f'"{kind}"' in line)["answers"] == 2
    assert verify(*lines, '{"id": "q9", "error": "line 9: the question is empty"}') == (
        0,
        f"answers.jsonl: quotes {count}, holding {count}, failing 0\n",
        "",
    )
    assert verify() == (0, "answers.jsonl: quotes 0, holding 0, failing 0\n", "")


def test_each_quote_that_fails_is_one_line(verify: Callable[..., tuple[int, str, str]], saved: Callable[..., str]) -> None:
    line = saved("search", "phones", "-k", "5")
    bad = line.replace("must hand their phones", "may keep their phones")
    assert bad.count("may keep") == 2
    found = [f"line 2: '{school}', clause '{school}/phones#1.1': text, character 8: " for school in ("larch", "maple")]
    code, out, err = verify(line, bad)
    *failing, summed = out.splitlines()
    assert (code, err, summed) == (1, "", "answers.jsonl: quotes 10, holding 8, failing 2")
    assert sorted(failing) == [f"{start}found 'may keep their p', expected 'must hand their '" for start in found]


def test_closest_clauses_and_the_answering_school_are_checked_too(verify: Callable[..., tuple[int, str, str]], honest: Forger) -> None:
    row = honest.ask("lunch").as_dict()
    assert verify(json.dumps(row)) == (0, "answers.jsonl: quotes 1, holding 1, failing 0\n", "")
    row["answers"][0]["school"] = "maple"
    assert verify(json.dumps(row)) == (
        1,
        "line 1: 'maple', clause 'larch/phones#1.1': document: found one of 'larch', expected one of 'maple'\n"
        "answers.jsonl: quotes 1, holding 0, failing 1\n",
        "",
    )


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[1]",
        "7",
        "{}",
        '{"question": "Dogs?"}',
        '{"answers": null}',
        '{"answers": [{}]}',
        '{"answers": [{"school": "larch", "quotes": []}]}',
        '{"answers": [{"school": "larch", "quotes": ["words"], "closest": []}]}',
        '{"answers": [{"school": "larch", "quotes": [{}], "closest": []}]}',
        '{"results": [{"text": "words"}]}',
        "[" * 100_000,
    ],
    ids=lambda bad: bad[:40],
)
def test_a_line_that_is_no_saved_answer_is_bad_input(bad: str, verify: Callable[..., tuple[int, str, str]], honest: Forger) -> None:
    assert verify(json.dumps(honest.ask("phones").as_dict()), bad) == (
        2,
        "",
        "clausewise: line 2: found no saved answer; expected a line that ask, search or compare gave with --json or --jsonl\n",
    )


def test_a_file_that_is_not_there_is_bad_input(verify: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "nowhere.jsonl", "--index", "index"]) == 2
    assert capsys.readouterr() == (
        "",
        "clausewise: nowhere.jsonl: cannot be opened (No such file or directory); expected a file of answers, one JSON object a line\n",
    )
