"""Values -> lines for a terminal. It renders and decides nothing."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clausewise.comparison import Comparison
from clausewise.types import Answer, Quote, Reply

if TYPE_CHECKING:
    from clausewise.evaluation.reissue import Proposal
    from clausewise.evaluation.twins import Twin
    from clausewise.store import Feedback, Unanswered

STANCES = {
    "prohibited": "Not allowed",
    "required": "Required",
    "permitted": "Allowed",
    "conditional": "Depends on a condition",
    "advised": "Advised",
}
_REASONS = {
    "nothing_found": "nothing in it comes near",
    "too_weak": "nothing in it comes near enough",
    "no_policies": "this school has no policies in the index",
}
_OTHERS = 3  # so many schools are named
_FLIPS = 20  # so many answers of a kind are listed
Names = Mapping[str, str]  # school's id -> its name


def reply_text(reply: Reply, names: Names) -> str:
    understood = [f"Understood as: {reply.standalone_question}"] if reply.standalone_question != reply.question else []
    return "\n\n".join([*understood, *(answer_text(answer, names) for answer in reply.answers)])


def answer_text(answer: Answer, names: Names) -> str:
    if answer.status == "not_covered":
        nearest = ["Nearest clause, which does not answer:", *(quote_text(quote) for quote in answer.closest[:1])] if answer.closest else []
        return "\n".join([f"{answer.school_name}: {_silence(answer)}", *_covered(answer, names), *nearest])
    stance = f" - {STANCES[answer.stance]}" if answer.stance else ""
    return "\n\n".join([f"{answer.school_name}{stance}", *(quote_text(quote) for quote in answer.quotes)])


def _silence(answer: Answer) -> str:
    if answer.reason == "no_such_clause":
        return "the school's policy has no clause of that number."
    return f"the policy does not say ({_REASONS.get(answer.reason or '', answer.reason)})."


def _covered(answer: Answer, names: Names) -> list[str]:
    """Who does have a rule, where `answer` has none."""
    said = "have a clause of that number" if answer.reason == "no_such_clause" else "cover it"
    others = [names.get(school, school) for school in answer.covered_by]
    if len(others) > _OTHERS:
        others[_OTHERS:] = [f"{len(others) - _OTHERS} more"]
    if len(others) > 1:
        return [f"The policies of {', '.join(others[:-1])} and {others[-1]} do {said}."]
    return [f"{other}'s policy does {said}." for other in others]


def quote_text(quote: Quote) -> str:
    lead = f"[{_flat(quote.lead_in)}] " if quote.lead_in else ""
    words = textwrap.fill(f"{lead}“{_flat(quote.text)}”", 100, initial_indent="  ", subsequent_indent="  ")
    return f"{words}\n    {citation(quote)}"


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
    return " | ".join(part for part in parts if part)


def comparison_text(comparison: Comparison, names: Names) -> str:
    return "\n\n".join([f"Topic: {comparison.topic}", *(answer_text(answer, names) for answer in comparison.answers)])


def report_text(report: Mapping[str, Any], misses: bool) -> str:
    """A run's figures beside the baseline's, the gate's verdict, the answers that changed."""
    waiting = report["waiting"]
    head = [f"{report['suite']}, run {report['run']}: {report['measures']['cases']} cases, {report['measures']['pairs']} answers"]
    named = "" if report["held_back"] else f": {', '.join(waiting[:5])}{', ...' * (len(waiting) > 5)}"
    head += [f"{len(waiting)} cases wait for their clauses to be confirmed and were not asked{named}"] if waiting else []
    parts = [head, _table(report), _changed(report), _verdict(report["gate"])]
    if misses:
        questions = {case["case"]: case["question"] for case in report["cases"]}
        parts.append([f"{c} [{school}] {questions[c]}\n    said {said}\n    want {want}" for c, school, said, want in report["misses"]])
    return "\n\n".join("\n".join(part) for part in parts if part)


def _table(report: Mapping[str, Any]) -> list[str]:
    old = report["baseline"]
    lines = [f"{'measure':20}{'value':>8}  {'95 %':14}" + (f"{'baseline':>9}{'change':>9}{'p':>8}" if old else "")]
    for name, value in report["measures"].items():
        low, high = report["intervals"].get(name, (None, None))
        between = f"{low:.3f}–{high:.3f}" if low is not None else ""
        beside = ""
        if old:
            change = old["changes"].get(name, {})
            beside = f"{_number(old['measures'][name]):>9}{_number(change.get('difference'), sign=True):>9}{_number(change.get('p')):>8}"
        lines.append(f"{name:20}{_number(value):>8}  {between:14}{beside}".rstrip())
    return lines


def _number(value: float | None, sign: bool = False) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:{'+' * sign}.3f}"


def _changed(report: Mapping[str, Any]) -> list[str]:
    old = report["baseline"]
    if not old:
        return ["no baseline to compare with"]
    turned = old["turned"]
    lines = [
        f"against run {old['run']}, on {old['shared_pairs']} answers to the same cases: {turned['worse']} worse, "
        f"{turned['better']} better, {turned['otherwise']} otherwise"
    ]
    lines += [f"  {name}: {_short(was)} -> {_short(now)}" for name, (was, now) in old["unlike"].items()]
    flips = old.get("flips", ())
    for turn in ("worse", "better"):
        some = [flip for flip in flips if flip["turn"] == turn]
        lines += [_flip(flip) for flip in some[:_FLIPS]]
        lines += [f"  ... {len(some) - _FLIPS} more {turn}; all of them: --report FILE.html"] * (len(some) > _FLIPS)
    return lines


def _short(value: object) -> str:
    return value[:12] if isinstance(value, str) else str(value)


def _flip(flip: Mapping[str, Any]) -> str:
    asked = f"  {flip['turn']:6}  {flip['case']} [{flip['school']}] {textwrap.shorten(flip['question'], 90)}"
    return "\n".join([asked, f"            was  {_given(flip['old'])}", f"            now  {_given(flip['new'])}"])


def _given(answer: Mapping[str, Any]) -> str:
    if answer["status"] != "answered":
        return answer["status"] or "no answer"
    return f"{answer['stance'] or 'no stance'}: " + ", ".join(quote["clause"] + "*" * (quote["grade"] == 2) for quote in answer["quotes"])


def _verdict(gate: Mapping[str, Any]) -> list[str]:
    failed = [check for check in gate["checks"] if not check["passed"]]
    lines = [f"  failed  {check['name']}: found {_number(check['found'])}, expected {check['wanted']}" for check in failed]
    count = len(gate["checks"])
    return [f"gate: {'passed' if gate['passed'] else 'FAILED'} ({count - len(failed)} of {count} conditions hold)", *lines]


def replay_text(report: Mapping[str, Any], case: str | None) -> str:
    """What answering again gave; of a single case the answer in full. `report`: the saved run as baseline of the new one."""
    old = report["baseline"]
    differ = [_flip(flip) for flip in old.get("flips", ())]
    lines = [f"run {old['run']}: {old['shared_pairs']} answers produced again, {sum(old['turned'].values())} differ", *differ]
    lines += [f"  {name}: {_short(was)} -> {_short(now)}" for name, (was, now) in old["unlike"].items()]
    for found in report["cases"] if case else ():
        answer = found["answer"]
        lines += ["", f"{found['school']}: {found['question']}", f"  {answer['status']}, {answer['stance'] or 'no stance'}"]
        for quote in answer["quotes"] or answer["closest"]:
            lines.append(textwrap.fill(f"“{_flat(quote['text'] or '')}”", 100, initial_indent="  ", subsequent_indent="  "))
            lines.append(f"    {quote['clause']}")
    return "\n".join(lines)


def anchors_text(found: Sequence[Proposal], open_ones: Sequence[Proposal], changed: int, written: bool) -> str:
    """Where a suite's clauses went: counts, then each that somebody must confirm, old and new words beside each other."""
    counts = Counter(proposal.anchor.how for proposal in found)
    told = ", ".join(f"{counts[how]} {how}" for how in ("same", "moved", "reworded", "split", "merged", "removed") if counts[how])
    lines = [f"{len(found)} clauses: {told}", f"{changed} cases {'changed' if written else 'would change: --write'}"]
    for proposal in open_ones:
        anchor = proposal.anchor
        lines += ["", f"{anchor.how}  {proposal.named}  in {', '.join(proposal.cases)}", *_words("was", anchor.old_text)]
        lines += [f"   now {', '.join(anchor.new)}"] * bool(anchor.new) + _words("now", anchor.new_text)
        lines.append(f"   confirm with: --confirm '{proposal.named}{'' if anchor.new else '='}'")
    return "\n".join(lines)


def _words(when: str, text: str) -> list[str]:
    return [textwrap.fill(_flat(text), 100, initial_indent=f"   {when} “", subsequent_indent="        ") + "”"] if text else []


def twins_text(found: Sequence[Twin], written: int) -> str:
    """Those that are silent, those to look at, and the counts of all."""
    shown = [twin for verdict in ("silent", "look") for twin in found if twin.verdict == verdict]
    lines = [f"{twin.verdict + ':':8}{twin.case.id}  {textwrap.shorten(twin.case.question, 90)}\n{_nearest(twin)}" for twin in shown]
    silent, look, other = (sum(twin.verdict == verdict for twin in found) for verdict in ("silent", "look", "covered"))
    told = f"{len(found)} pair{'s' * (len(found) != 1)}: {silent} silent, {look} to look at, {other} covered or too near to say"
    return "\n".join([*lines, f"{told}; {f'{written} written' if written else 'nothing written'}"])


def _nearest(twin: Twin) -> str:
    return f"        nearest {twin.nearest} ({twin.near:.2f}): {twin.why}"


def feedback_text(complaints: Sequence[Feedback], unanswered: Sequence[Unanswered], reasons: Mapping[str, str]) -> str:
    """Open complaints, then how often each policy was asked in vain. `reasons`: a reason's name -> its words."""
    lines = [line for complaint in complaints for line in _complaint(complaint, reasons)] or ["no open complaints"]
    return "\n".join([*lines, "", *_in_vain(unanswered)])


def _complaint(complaint: Feedback, reasons: Mapping[str, str]) -> list[str]:
    said = complaint.stance or "no stance" if complaint.status == "answered" else "silent; nearest"
    clauses = dict.fromkeys(clause for clause, _, _ in complaint.quotes or complaint.closest)
    lines = [f"{complaint.id:<5} {complaint.made}  {reasons.get(complaint.reason, complaint.reason)}"]
    lines += [f"      after  {_flat(turn)}" for turn in complaint.history]
    lines += [f"      asked  {_flat(complaint.question)}", f"      {complaint.school} said  {said}: {', '.join(clauses) or 'none'}"]
    return lines + [f"      comment  {_flat(complaint.comment)}"] * bool(complaint.comment)


def _in_vain(unanswered: Sequence[Unanswered]) -> list[str]:
    """By policy, the most asked first; beneath it, by the clause that came nearest."""
    policies: Counter[tuple[str, str]] = Counter()
    clauses: Counter[tuple[str, str]] = Counter()
    for row in unanswered:
        policies[row.school, row.document] += row.count
        clauses[row.document, row.clause] += row.count
    lines = ["asked in vain, by policy and nearest clause:"] if policies else ["no question was asked in vain"]
    for (school, document), count in sorted(policies.items(), key=lambda item: (-item[1], item[0])):
        lines.append(f"{count:>5}  {school}  {document}")
        of_it = sorted((item for item in clauses.items() if item[0][0] == document), key=lambda item: (-item[1], item[0]))
        lines += [f"{count:>11}  {clause}" for (_, clause), count in of_it]
    return lines


def _flat(text: str) -> str:
    return " ".join(text.split())
