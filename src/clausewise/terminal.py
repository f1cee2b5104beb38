"""Values -> lines for a terminal. It renders and decides nothing."""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clausewise import safeguarding
from clausewise.bands import told
from clausewise.comparison.positions import Comparison
from clausewise.duties import advised_against
from clausewise.evaluation import provenance, wording
from clausewise.evaluation.wording import Report, count, flat, short
from clausewise.exports.replies import BACK, NO_ADVICE
from clausewise.types import Answer, Clarification, Concern, Quote, Reply

if TYPE_CHECKING:
    from clausewise.comparison.coverage import Coverage
    from clausewise.comparison.radar import Entry
    from clausewise.comparison.versions import Change
    from clausewise.comparison.wording import Shared
    from clausewise.evaluation.reasked import Reasked
    from clausewise.evaluation.reissue import Proposal
    from clausewise.evaluation.twins import Twin
    from clausewise.store import Feedback, Unanswered

HINT = "Read by a program from the first quotes alone: a place to look, not a finding."

STANCES = {
    "prohibited": "Not allowed",
    "required": "Required",
    "permitted": "Allowed",
    "conditional": "Depends on a condition",
    "advised": "Advised",
}
_REASONS = {
    "nothing_found": "none comes near",
    "too_weak": "none comes near enough",
    "not_mentioned": "none mentions the topic",
    "no_policies": "this school has no policies in the index",
}
_OTHERS = 3  # so many schools are named
_FLIPS = 20  # so many answers of a kind are listed
Names = Mapping[str, str]  # school's id -> its name


def reply_text(reply: Reply, names: Names) -> str:
    understood = [f"Understood as: {flat(reply.standalone_question)}"] if reply.standalone_question != reply.question else []
    back = [clarification_text(reply.clarification)] if reply.clarification else []
    beneath = [f"{NO_ADVICE}:"] if reply.concerns else []
    if reply.scope_from == "nearest":
        beneath.append(f"Every school was asked, {len(names):,} of them. The {len(reply.schools)} whose policies come nearest:")
    answers = (answer_text(answer, names) for answer in reply.answers)
    return "\n\n".join([*_concerns(reply.concerns), *back, *understood, *beneath, *answers])


def clarification_text(asked: Clarification) -> str:
    """What is asked back: the choices, numbered, and beneath each what to type for it."""
    lines = [BACK[asked.kind]]
    for number, choice in enumerate(asked.choices, start=1):
        schools = "".join(f" --school {school}" for school in choice.schools)
        lines += [f"  {number}. {flat(choice.label)}", f"       clausewise ask{schools} {shlex.quote(flat(choice.question))}"]
    return "\n".join(lines)


def _concerns(concerns: Sequence[Concern]) -> Iterator[str]:
    """What to do now, whom to tell, then the schools' own clauses."""
    if not concerns:
        return
    yield f"{safeguarding.HEADING} {safeguarding.DANGER} {safeguarding.STEPS}"
    leads = [f"  {flat(f'{one.school_name}: {safeguarding.lead(one)}')}" for one in concerns] if len(concerns) > 1 else []
    yield "\n".join([flat(safeguarding.tell(concerns)), *leads])
    yield from (quote_text(one.quote) for one in concerns if one.quote)


def answer_text(answer: Answer, names: Names) -> str:
    sure = [sentence] if (sentence := told(answer)) else []
    if answer.status == "not_covered":
        nearest = ["Nearest clause, which does not answer:", *(quote_text(quote) for quote in answer.closest[:1])] if answer.closest else []
        return "\n".join([f"{flat(answer.school_name)}: {_silence(answer)}", *sure, *_covered(answer, names), *nearest])
    stance = f" - {_stance(answer)}" if answer.stance else ""
    head = "\n".join([f"{flat(answer.school_name)}{stance}", *sure])
    return "\n\n".join([head, *(quote_text(quote) for quote in answer.quotes)])


def _stance(answer: Answer) -> str:
    first = answer.quotes[0]
    against = advised_against(answer.stance, first.text, first.lead_in)
    return f"{STANCES[answer.stance or '']}{' against' * against}"


def _silence(answer: Answer) -> str:
    if answer.reason == "no_such_clause":
        return "the school's policy has no clause of that number."
    return f"no clause found that answers this ({_REASONS.get(answer.reason or '', answer.reason)})."


def _covered(answer: Answer, names: Names) -> list[str]:
    """Who does have a rule, where `answer` has none."""
    said = "have a clause of that number" if answer.reason == "no_such_clause" else "cover it"
    others = [flat(names.get(school, school)) for school in answer.covered_by]
    if len(others) > _OTHERS:
        others[_OTHERS:] = [f"{len(others) - _OTHERS} more"]
    if len(others) > 1:
        return [f"The policies of {', '.join(others[:-1])} and {others[-1]} do {said}."]
    return [f"{other}'s policy does {said}." for other in others]


def quote_text(quote: Quote) -> str:
    lead = f"[{flat(quote.lead_in)}] " if quote.lead_in else ""
    words = textwrap.fill(f"{lead}“{flat(quote.text)}”", 100, initial_indent="  ", subsequent_indent="  ")
    return f"{words}\n    {citation(quote)}"


def results_text(quotes: Iterable[Quote]) -> str:
    return "\n\n".join(f"{rank}. {quote_text(quote)}" for rank, quote in enumerate(quotes, start=1))


def citation(quote: Quote) -> str:
    """Where a quote stands: policy, clause, heading path, page, id."""
    page = quote.document.page(quote.span.start)
    parts = [
        quote.document.title,
        f"clause {quote.clause.number}" if quote.clause.number else "",
        " > ".join(quote.clause.headings),
        f"page {page}" if page else "",
        quote.clause.id,
    ]
    return " | ".join(flat(part) for part in parts if part)


def comparison_text(comparison: Comparison, names: Names) -> str:
    return "\n\n".join([f"Topic: {flat(comparison.topic)}", *(answer_text(answer, names) for answer in comparison.answers)])


def matrix_text(report: Mapping[str, Any]) -> str:
    """Topics down, schools across; then what differs, the weightiest first. `report`: as comparison.report makes it."""
    cells = {(cell["topic"], cell["school"]): cell for cell in report["cells"]}
    schools = [school["id"] for school in report["schools"]]
    widths = [max(15, len(school)) for school in schools]
    head = f"{'':36}" + "  ".join(f"{school:{width}}" for school, width in zip(schools, widths, strict=True))
    lines = [head.rstrip()]
    for topic in report["topics"]:
        said = [cells[topic["id"], school]["position"].replace("against", "advised against") for school in schools]
        row = "  ".join(f"{position:{width}}" for position, width in zip(said, widths, strict=True))
        lines.append(f"{textwrap.shorten(flat(topic['title']), 34):36}{row}".rstrip())
    titles = {topic["id"]: flat(topic["title"]) for topic in report["topics"]}
    told = [f"- {titles[found['topic']]}: {flat(found['told'])}" for found in report["differences"]]
    return "\n".join([*lines, *(["", f"What differs. {HINT}", *told] if told else [])])


def radar_text(entries: Iterable[Entry]) -> str:
    """A policy a line, and beneath it the line that its next review was read from."""
    lines = []
    for entry in entries:
        lines.append(f"{entry.state:12}{entry.document}  {flat(entry.title)}: {flat(entry.text)}")
        read = entry.next_review or entry.cycle
        lines += [f"{'':12}“{flat(read.line)}”{f', page {read.page}' if read.page else ''}"] if read else []
    return "\n".join(lines)


def coverage_text(found: Coverage) -> str:
    """Kinds down, schools across."""
    width = max(len(school.id) for school in found.schools) + 2
    lines = [f"{'':44}" + "".join(f"{school.id:{width}}" for school in found.schools).rstrip()]
    for kind in found.kinds:
        states = [found.cells[school.id, kind.id].state for school in found.schools]
        lines.append(f"{textwrap.shorten(kind.title, 42):44}" + "".join(f"{state:{width}}" for state in states).rstrip())
    return "\n".join([*lines, *(f"of no kind in the list: {document}" for document in found.unplaced)])


def changes_text(found: Sequence[Change]) -> str:
    """The weightiest first; what went in [-...-], what came in {+...+}."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    parts = []
    for change in found:
        head = f"{change.kind}{f': {flat(change.says)}' if change.says else ''}{' (perhaps two rules)' if change.guess else ''}"
        words = " ".join(marks[op].format(flat(text)) for op, text in change.words)
        place = f"{', '.join(change.old) or '-'} -> {', '.join(change.new) or '-'}"
        parts.append(f"{head}\n  {place}\n" + textwrap.fill(words, 100, initial_indent="  ", subsequent_indent="  "))
    return "\n\n".join(parts) or "no change"


def reasked_text(turned: Sequence[Reasked], asked: int) -> str:
    """Saved questions that another version answers otherwise: what was said, what is said now."""
    lines = [f"saved questions: {count(asked, 'question')} asked under both versions, {len(turned)} answered otherwise"]
    for one in turned:
        lines += ["", f"{flat(one.case)}  {flat(one.question)}"]
        lines += [f"  {when}  {_given(answer)}" for when, answer in (("was", one.was), ("now", one.now))]
    return "\n".join(lines)


def _given(answer: Answer) -> str:
    """An answer on two lines: stance and clause, then the words."""
    if answer.status == "not_covered":
        return _silence(answer)
    first = answer.quotes[0]
    words = textwrap.fill(f"“{flat(first.text)}”", 100, initial_indent=" " * 7, subsequent_indent=" " * 7)
    return f"{_stance(answer) if answer.stance else 'a fact'}, {flat(first.clause.id)}\n{words}"


def wording_text(found: Sequence[Shared]) -> str:
    """Each shared clause in its commonest wording, and the schools that changed it."""
    parts = []
    for group in found:
        first, *others = group.versions
        lines = [textwrap.fill(f"“{flat(first.text)}”", 100), f"  word for word: {', '.join(first.schools)}"]
        for other in others:
            made = "; ".join(f"{op} “{flat(words)}”" for op, words in other.changes if op != "same")
            lines.append(f"  {', '.join(other.schools)}{' (a duty changed)' if other.duty_changed else ''}: {made}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) or "no clause is shared"


def report_text(report: Report, misses: bool) -> str:
    """A run's figures beside the baseline's, the gate's verdict, the answers that changed."""
    asked = f"{count(report['measures']['cases'], 'case')}, {count(report['measures']['pairs'], 'answer')}"
    head = [f"{flat(report['suite'])}, run {report['run']}: {asked}", *_waiting(report)]
    parts = [head, _table(report), _changed(report), _verdict(report)]
    if misses:
        questions = {case["case"]: case["question"] for case in report["cases"]}
        parts.append([_miss(questions[case], *map(flat, (case, *rest))) for case, *rest in report["misses"]])
    return "\n\n".join("\n".join(part) for part in parts if part)


def _waiting(report: Report) -> list[str]:
    """Of a suite that is held back they are not named."""
    waiting = report["waiting"]
    named = "" if report["held_back"] else f": {', '.join(map(flat, waiting[:5]))}{', ...' * (len(waiting) > 5)}"
    return [f"{count(len(waiting), 'case')} not asked until somebody confirms where the clauses went{named}"] if waiting else []


def _miss(question: str, case: str, school: str, said: str, wanted: str) -> str:
    return f"{case} [{school}] {flat(question)}\n    said {said}\n    want {wanted}"


def _table(report: Report) -> list[str]:
    """A line for each measure; beside a baseline, with what became of it."""
    head = f"{'measure':20}{'value':>10}  {'95 %':14}" + (f"{'baseline':>10}{'change':>10}{'p':>9}" if report["baseline"] else "")
    return [head.rstrip(), *(_measure(row, bool(report["baseline"])) for row in wording.measure_rows(report))]


def _measure(row: Mapping[str, Any], beside: bool) -> str:
    value, low, high, old, change = (wording.number(row["name"], row[key]) for key in ("value", "low", "high", "old", "difference"))
    between = "" if row["low"] is None else f"{low}–{high}"
    compared = f"{old:>10}{change:>10}{wording.chance(row['p']):>9}  {row['turn']}" if beside else ""
    return f"{row['name']:20}{value:>10}  {between:14}{compared}".rstrip()


def _changed(report: Report) -> list[str]:
    old = report["baseline"]
    if not old:
        return ["no baseline to compare with"]
    turned, shared = old["turned"], count(old["shared_pairs"], "answer")
    told = f"{turned['worse']} worse, {turned['better']} better, {turned['otherwise']} otherwise"
    lines = [f"against run {old['run']}, on {shared} to the same cases: {told}", *_made(report)]
    for turn in ("worse", "better"):
        some = wording.flips(report, turn)
        lines += [_flip(flip) for flip in some[:_FLIPS]]
        lines += [f"  ... {len(some) - _FLIPS} more {turn}; all of them: --report FILE.html"] * (len(some) > _FLIPS)
    return lines


def _made(report: Report) -> list[str]:
    """What made the run differ."""
    return [f"  {flat(line)}" for line in provenance.told(report)]


def _flip(flip: Mapping[str, Any]) -> str:
    asked = f"  {flip['turn']:6}  {flat(flip['case'])} [{flat(flip['school'])}] {short(flip['question'], 90)}"
    was, now = (flat(wording.given(flip[when])) for when in ("old", "new"))
    return f"{asked}\n            was  {was}\n            now  {now}"


def _verdict(report: Report) -> list[str]:
    """The gate's, and each condition that is not met."""
    failed = [check for check in report["gate"]["checks"] if not check["passed"]]
    return [wording.verdict(report), *(f"  not met: {_condition(check)}" for check in failed)]


def _condition(check: Mapping[str, Any]) -> str:
    return f"{flat(wording.condition(check['name']))}, found {wording.found(check)}, wanted {check['wanted']}"


def replay_text(report: Report, case: str | None) -> str:
    """What answering again gave; of a single case the answer in full. `report`: the saved run as baseline of the new one."""
    old = report["baseline"]
    again, differ = old["shared_pairs"], sum(old["turned"].values())
    lines = [f"run {old['run']}: {count(again, 'answer')} produced again, {differ} differ{'s' * (differ == 1)}"]
    lines += [_flip(flip) for flip in old.get("flips", ())] + _made(report)
    return "\n".join([*lines, *(line for asked in (report["cases"] if case else ()) for line in _whole(asked))])


def _whole(case: Mapping[str, Any]) -> list[str]:
    """One answer, with the words of its quotes or of what came nearest."""
    answer = case["answer"]
    lines = ["", f"{flat(case['school'])}: {flat(case['question'])}", f"  {wording.said(answer)}"]
    for quote in answer["quotes"] or answer["closest"]:
        lines.append(textwrap.fill(f"“{flat(quote['text'] or '')}”", 100, initial_indent="  ", subsequent_indent="  "))
        lines.append(f"    {flat(quote['clause'])}")
    return lines


def anchors_text(proposals: Sequence[Proposal], open_ones: Sequence[Proposal], changed: int, written: bool) -> str:
    """Where a suite's clauses went: counts, then each that somebody must confirm, old and new words beside each other."""
    counts = Counter(proposal.anchor.how for proposal in proposals)
    told = ", ".join(f"{counts[how]} {how}" for how in ("same", "moved", "reworded", "split", "merged", "removed") if counts[how])
    lines = [f"{count(len(proposals), 'clause')}: {told}", f"{count(changed, 'case')} {'changed' if written else 'would change: --write'}"]
    return "\n".join([*lines, *(line for proposal in open_ones for line in _proposal(proposal))])


def _proposal(proposal: Proposal) -> list[str]:
    anchor, named = proposal.anchor, flat(proposal.named)
    lines = ["", f"{anchor.how}  {named}  in {flat(', '.join(proposal.cases))}", *_words("was", anchor.old_text)]
    lines += [f"   now {flat(', '.join(anchor.new))}"] * bool(anchor.new) + _words("now", anchor.new_text)
    return [*lines, f"   confirm with: --confirm '{named}{'' if anchor.new else '='}'"]


def _words(when: str, text: str) -> list[str]:
    return [textwrap.fill(flat(text), 100, initial_indent=f"   {when} “", subsequent_indent="        ") + "”"] if text else []


def twins_text(twins: Sequence[Twin], written: int) -> str:
    """Those that are silent, those to look at, and the counts of all."""
    shown = [twin for kind in ("silent", "look") for twin in twins if twin.verdict == kind]
    lines = [f"{twin.verdict + ':':8}{flat(twin.case.id)}  {short(twin.case.question, 90)}\n{_nearest(twin)}" for twin in shown]
    silent, look, other = (sum(twin.verdict == kind for twin in twins) for kind in ("silent", "look", "covered"))
    told = f"{count(len(twins), 'pair')}: {silent} silent, {look} to look at, {other} covered or too near to say"
    return "\n".join([*lines, f"{told}; {f'{written} written' if written else 'nothing written'}"])


def _nearest(twin: Twin) -> str:
    return f"        nearest {flat(twin.nearest)} ({twin.near:.2f}): {flat(twin.why)}"


def feedback_text(complaints: Sequence[Feedback], unanswered: Sequence[Unanswered], reasons: Mapping[str, str]) -> str:
    """Open complaints, then how often each policy was asked in vain. `reasons`: a reason's name -> its words."""
    lines = [line for complaint in complaints for line in _complaint(complaint, reasons)] or ["no open complaints"]
    return "\n".join([*lines, "", *_in_vain(unanswered)])


def _complaint(complaint: Feedback, reasons: Mapping[str, str]) -> list[str]:
    way = complaint.stance or "no stance" if complaint.status == "answered" else "silent; nearest"
    clauses = flat(", ".join(dict.fromkeys(clause for clause, _, _ in complaint.quotes or complaint.closest)))
    lines = [f"{complaint.id:<5} {flat(complaint.made)}  {flat(reasons.get(complaint.reason, complaint.reason))}"]
    lines += [f"      after  {flat(turn)}" for turn in complaint.history]
    lines += [f"      asked  {flat(complaint.question)}", f"      {flat(complaint.school)} said  {flat(way)}: {clauses or 'none'}"]
    return lines + [f"      comment  {flat(complaint.comment)}"] * bool(complaint.comment)


def _in_vain(unanswered: Sequence[Unanswered]) -> list[str]:
    """By policy, the most asked first; beneath it, by the clause that came nearest."""
    policies: Counter[tuple[str, str]] = Counter()
    clauses: Counter[tuple[str, str]] = Counter()
    for row in unanswered:
        policies[row.school, row.document] += row.count
        clauses[row.document, row.clause] += row.count
    lines = ["asked in vain, by policy and nearest clause:"] if policies else ["no question was asked in vain"]
    for (school, document), times in sorted(policies.items(), key=lambda item: (-item[1], item[0])):
        lines.append(f"{times:>5}  {flat(school)}  {flat(document)}")
        of_it = sorted((item for item in clauses.items() if item[0][0] == document), key=lambda item: (-item[1], item[0]))
        lines += [f"{times:>11}  {flat(clause)}" for (_, clause), times in of_it]
    return lines
