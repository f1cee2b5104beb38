"""The words that every form of a comparison shares: positions, places, dates, the summary.

All are plain text, and what comes from a policy stands in them as it is, so each form escapes it in its own way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

Report = dict[str, Any]  # a comparison, as the assistant makes it
Row = dict[str, Any]  # a cell, a quote, a topic, a school or a document of it

# A mark beside each word, so that no position is told by colour alone.
POSITIONS = {
    "prohibited": ("✕", "Not allowed"),
    "required": ("!", "Required"),
    "permitted": ("✓", "Allowed"),
    "conditional": ("◐", "Depends on a condition"),
    "advised": ("○", "Advised"),
    "against": ("⊖", "Advised against"),
    "factual": ("·", "States a fact"),
    "silent": ("–", "Does not say"),
}
MEANINGS = {
    "prohibited": "The quoted rule forbids it.",
    "required": "The quoted rule demands it.",
    "permitted": "The quoted rule allows it.",
    "conditional": "Allowed or required only under a condition that the quote states, or with somebody’s leave.",
    "advised": "Recommended or considered good practice, not demanded.",
    "against": "Recommended not to, without forbidding it: “should not”.",
    "factual": "The policy deals with it, and the quote states a fact and no rule.",
    "silent": "No clause counts as an answer: none was near enough, or none has the topic’s words. The nearest one is shown.",
}
# A pale colour for each, behind dark words; hexadecimal RGB.
FILLS = {
    "prohibited": "F6D5D2",
    "required": "D3E3F3",
    "permitted": "D5EBD8",
    "conditional": "FBE9BF",
    "advised": "E5DDF1",
    "against": "F3DFE6",
    "factual": "E7E7E2",
    "silent": "FFFFFF",
}
# The same in the middle of a sentence, after a number of schools.
_HELD = ("not allowed", "required", "allowed", "on a condition", "advised", "advised against", "a fact only", "silent")
STANCES = ("prohibited", "required", "permitted", "conditional", "advised", "against")
DIFFERENCES = {
    "opposed": "Opposite positions",
    "stance": "Position",
    "strength": "Strength of duty",
    "number": "Number",
    "silence": "Silence",
}
GROUPS = {
    "staff": "Staff",
    "teachers": "Teachers",
    "governors": "Governors and trustees",
    "volunteers": "Volunteers",
    "contractors": "Contractors",
    "supply": "Supply and agency staff",
    "trainees": "Trainees and placements",
    "parents": "Parents and carers",
    "pupils": "Pupils",
    "former_pupils": "Former pupils",
    "visitors": "Visitors",
}
NOT_NAMED = "– Not named"
REVIEWS = {
    "overdue": ("!", "Overdue"),
    "due_soon": ("◐", "Due soon"),
    "later": ("✓", "Later"),
    "not_stated": ("–", "No date stated"),
}
REASONS = {
    "nothing_found": "No clause deals with it.",
    "too_weak": "The nearest clause is not near enough to count as an answer.",
    "not_mentioned": "No clause has one of the words that one on this topic must have, so none counts.",
    "out_of_scope": "It is about something that these policies do not deal with.",
    "no_policies": "None of the school’s policies has been added yet.",
}
NOT_STATED = "not stated"
HINT = "Read by a program from the first quotes alone, with their mistakes: a place to look, not a finding. Read the clauses first."
HOW_TO_READ = (
    "Every position rests on the quote that is given with it. A quote is the policy’s own words, letter for letter.",
    "A lead-in is the line that a list’s item hangs from; the two are to be read together.",
    "“Does not say” means that no clause was near enough to count as an answer. What was searched for and the nearest clause are "
    "given, so that this can be checked.",
    "Positions are read by a program and can be wrong, and so can what is said to differ: read the quotes before you act on either. "
    "Confidence, 0 to 100 %, is how sure it is that the policy deals with the topic, or, of a silent one, that it does not.",
    "A ban may have an exception, and a duty more detail, in another clause than the one quoted first.",
    "“Not named” means that no clause names the group; wide words, such as “all who work on the site”, may include it.",
    "The digest is the SHA-256 of the file that a quote was read from. The same files, index and version give this comparison again.",
)
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOST = 3  # so many are named


def legal(text: str) -> str:
    """`text` without what XML cannot hold: a control character becomes its sign (␋), any other U+FFFD."""
    return _ILLEGAL.sub(lambda found: chr(0x2400 + ord(found[0])) if ord(found[0]) < 32 else "\ufffd", text)


def flat(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


def made(report: Report) -> datetime:
    """Midnight of the day that it was made."""
    return datetime.fromisoformat(report["made"][:10])


def day(report: Report) -> str:
    """The day that it was made."""
    return written(made(report))


def written(when: date) -> str:
    """ "21 November 2026"."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def count(of: int, one: str) -> str:
    """ "1 school", "2 schools", "1 policy", "2 policies"."""
    return f"{of:,} {one if of == 1 else one[:-1] + 'ies' if one.endswith('y') else one + 's'}"


def listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)


def position(cell: Row) -> str:
    """ "✕ Not allowed"."""
    return " ".join(POSITIONS[cell["position"]])


def strength(cell: Row) -> str:
    return cell.get("strength") or ""


def reason(cell: Row) -> str:
    return REASONS.get(cell.get("reason") or "", "No clause answers it.")


def place(quote: Row) -> str:
    """The quote's address in words: its printed number, else "Clause 5.1, point 4", else "Paragraph 2, point 1"."""
    if quote["number"]:
        number = str(quote["number"])
        return f"Clause {number}" if number[0].isdigit() else number
    head, *ordinals = quote["clause"].partition("#")[2].split("/")
    numbered = head[:1].isdigit()
    if not ordinals:
        return f"Clause {head}" if numbered else "Introduction" if not head else head.replace("-", " ").capitalize()
    parts = [f"clause {head}"] if numbered else []
    if len(ordinals) > 1 or not numbered:
        parts.append(f"paragraph {ordinals.pop(0)}")
    said = ", ".join([*parts, *([f"point {'.'.join(ordinals)}"] if ordinals else [])])
    return said[:1].upper() + said[1:]


def citation(quote: Row) -> str:
    """ "Clause 5.3, Staff › Social media, page 2, Social Media Policy"."""
    path = " › ".join(flat(heading) for heading in quote["headings"])
    return ", ".join(filter(None, [place(quote), path, page(quote), flat(quote["title"])]))


def page(quote: Row) -> str:
    return f"page\u00a0{quote['page']}" if quote["page"] else ""


def percent(confidence: float) -> str:
    """Rounded down, so that only certainty is 100 %."""
    return f"{int(100 * confidence + 1e-9)}\u00a0%"


def searched(cell: Row) -> str:
    """What was searched for, in our own words and not the policy's: “May staff …?”, “contact with …”."""
    return ", ".join(f"“{flat(question)}”" for question in cell["searched"])


def below(cell: Row) -> str:
    """What stands below a position in a table: the strength of the duty, and where its first quote stands."""
    where = [_spot(cell["quotes"][0])] if cell["position"] != "silent" and cell["quotes"] else []
    return ", ".join([*filter(None, [strength(cell)]), *where])


def _spot(quote: Row) -> str:
    """The place, with its heading where it has no number to be found by."""
    heading = flat(quote["headings"][-1]) if quote["headings"] and not quote["clause"].partition("#")[2][:1].isdigit() else ""
    said = place(quote)
    return f"{heading}: {said[:1].lower()}{said[1:]}" if heading and not quote["number"] else said


def stated(when: Row | None) -> str:
    """A date in the document's own words; nothing is filled in."""
    return when["text"] if when else NOT_STATED


def numbers(cell: Row, clause: str) -> str:
    """The numbers that the clause states, in its words."""
    return "; ".join(dict.fromkeys(flat(number["text"]) for number in cell.get("numbers", ()) if number["clause"] == clause))


def grid(report: Report) -> list[tuple[Row, list[Row]]]:
    """(topic, its cells in the schools' order), in the topics' order."""
    cells = {(cell["topic"], cell["school"]): cell for cell in report["cells"]}
    return [(topic, [cells[topic["id"], school["id"]] for school in report["schools"]]) for topic in report["topics"]]


def quotes(cell: Row) -> list[Row]:
    """What stands behind the cell: its quotes, or the nearest clauses that were looked at."""
    found: list[Row] = cell["closest"] if cell["position"] == "silent" else cell["quotes"]
    return found


def documents(report: Report) -> Iterator[tuple[Row, Row]]:
    """(school, document)."""
    return ((school, document) for school in report["schools"] for document in school["documents"])


def audiences(report: Report) -> list[tuple[str, list[str]]]:
    """(whom, what each school's policies say of them), of the groups that a policy names as covered or left out."""
    rows = [(told, [_covered(school, group) for school in report["schools"]]) for group, told in GROUPS.items()]
    staff = dict(rows)[GROUPS["staff"]]
    named = [(told, cells) for told, cells in rows if set(cells) != {NOT_NAMED}]
    # Whoever covers all staff covers teachers.
    whole = all(cell != NOT_NAMED for cell in staff)
    return [row for row in named if not (whole and row[0] == GROUPS["teachers"])]


def _covered(school: Row, group: str) -> str:
    for mark, told, clauses in (("✓", "Covered", school["covers"]), ("✕", "Left out", school["excludes"])):
        if group in clauses:
            return f"{mark} {told}, {place({'number': None, 'clause': clauses[group]})}"
    return NOT_NAMED


def digests(report: Report) -> dict[str, str]:
    """Document id -> the SHA-256 of its file, in hex."""
    return {**report["made_by"]["documents"], **{document["document"]: document["digest"] for _, document in documents(report)}}


def names(report: Report) -> dict[str, str]:
    """School id -> its name."""
    return {school["id"]: school["name"] for school in report["schools"]}


def titles(report: Report) -> dict[str, str]:
    """Topic id -> its title."""
    return {topic["id"]: topic["title"] for topic in report["topics"]}


def about(report: Report) -> list[tuple[str, str]]:
    """(what, value): what made it, so that it can be made again."""
    by = report["made_by"]
    made_by = [("Made", day(report)), ("By", f"Clausewise {by['version']}"), ("Index", by["index"]), ("Model", by["model"])]
    return [*made_by, ("Schools", str(len(report["schools"]))), ("Topics", str(len(report["topics"])))]


def differs(cells: Sequence[Row]) -> bool:
    """Do the schools that state a rule take more than one position?"""
    return len({cell["position"] for cell in cells} & set(STANCES)) > 1


def tally(cells: Sequence[Row]) -> str:
    """ "2 not allowed, 1 silent"."""
    counted = Counter(cell["position"] for cell in cells)
    return ", ".join(f"{counted[name]} {word}" for name, word in zip(POSITIONS, _HELD, strict=True) if counted[name])


def summary(report: Report) -> list[str]:
    """Sentences for somebody who has not read the policies."""
    rows = grid(report)
    first = f"The policies of {count(len(report['schools']), 'school')} were compared on {count(len(rows), 'topic')}."
    return [first, *_reviews(report), _heard(rows), _apart(rows), *_silent(report, rows)]


def _reviews(report: Report) -> list[str]:
    """Whose policies are overdue, and whose state no date: what a board can act on first."""
    told = []
    for state, words in (("overdue", "A review is overdue at"), ("not_stated", "No date of the next review is stated at")):
        who = list(dict.fromkeys(school["name"] for school, document in documents(report) if document["review"] == state))
        told += [f"{words} {listed(who)}."] if who else []
    return told


def _heard(rows: Sequence[tuple[Row, list[Row]]]) -> str:
    silences = [sum(cell["position"] == "silent" for cell in cells) for _, cells in rows]
    every, nobody = silences.count(0), sum(0 < number == len(cells) for number, (_, cells) in zip(silences, rows, strict=True))
    said = f"Every school’s policies say something on {every:,} of them"
    return f"{said}, and nobody’s on {nobody:,}." if nobody else f"{said}."


def _apart(rows: Sequence[tuple[Row, list[Row]]]) -> str:
    """Where schools differ most: the most positions first, and of as many, those that forbid and allow the same."""
    apart = [(topic, cells) for topic, cells in rows if differs(cells)]
    if not apart:
        return "No two schools that state a rule on the same topic are marked differently."
    held = [{cell["position"] for cell in cells} & set(STANCES) for _, cells in apart]
    order = sorted(range(len(apart)), key=lambda n: (-len(held[n]), not held[n] >= {"prohibited", "permitted"}, n))[:_MOST]
    most = "; ".join(f"“{flat(apart[n][0]['title'])}” ({tally(apart[n][1])})" for n in order)
    where = f"On {count(len(apart), 'topic')} the rules quoted are marked differently"
    return f"{where}, most of all on: {most}." if len(apart) > _MOST else f"{where}: {most}."


def _silent(report: Report, rows: Sequence[tuple[Row, list[Row]]]) -> list[str]:
    """One sentence: who is silent on what, the most silent first."""
    silent: dict[str, list[str]] = {school["id"]: [] for school in report["schools"]}
    for topic, cells in rows:
        for cell in cells:
            if cell["position"] == "silent":
                silent[cell["school"]].append(flat(topic["title"]))
    called = names(report)
    told = [(called[school], topics) for school, topics in silent.items() if topics]
    told.sort(key=lambda one: -len(one[1]))
    parts = [f"{name} on {count(len(topics), 'topic')}{_few(topics)}" for name, topics in told]
    return [f"Silent: {'; '.join(parts)}."] if parts else []


def _few(topics: Sequence[str]) -> str:
    """Few topics by their names; of many the table tells."""
    return f" ({listed([f'“{topic}”' for topic in topics])})" if len(topics) <= _MOST else ""
