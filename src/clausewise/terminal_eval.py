"""Values of an evaluation -> lines for a terminal. It renders and decides nothing."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clausewise.evaluation import provenance, wording
from clausewise.evaluation.wording import Report, count, flat, short

if TYPE_CHECKING:
    from clausewise.evaluation.reissue import Proposal
    from clausewise.evaluation.twins import Twin
    from clausewise.store import Feedback, Unanswered

_FLIPS = 20  # so many answers of a kind are listed


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
