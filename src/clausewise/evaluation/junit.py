"""A report -> JUnit XML, as GitHub, GitLab and Jenkins read it.

A build goes red with any failure in it, and a suite always holds questions that are not answered rightly yet. So a wrong
answer is a failure where it is news: it turned worse than the baseline's, or there is no baseline's to hold it against.
Wrong as before, it is skipped as a known miss. A right answer passes, whatever else about it moved. Each condition of
the gate is a test case of its own; a failed gate is red even where no answer may be named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from clausewise.evaluation.wording import Report, count, flat, found, given, wanted

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not a character of XML 1.0, even escaped


def render(report: Report) -> str:
    """One test suite: a test case for each answer, each condition of the gate, and the cases that wait."""
    suite = ElementTree.Element("testsuite", {"name": _legal(report["suite"])})
    suite.extend([*_answers(report), *_conditions(report), *_waiting(report)])
    _count(suite, report)
    root = ElementTree.Element("testsuites", {name: value for name, value in suite.attrib.items() if name != "timestamp"})
    root.append(suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _count(suite: ElementTree.Element, report: Report) -> None:
    counted = {"tests": len(suite), "failures": len(suite.findall("*/failure")), "errors": 0, "skipped": len(suite.findall("*/skipped"))}
    seconds = sum(float(test.get("time", 0)) for test in suite)
    suite.attrib.update({name: str(value) for name, value in counted.items()} | {"time": f"{seconds:.3f}"})
    if report["made"]:
        suite.set("timestamp", report["made"].removesuffix("Z"))  # the schema's form; JUnit has no zones


def _answers(report: Report) -> Iterator[ElementTree.Element]:
    cases = report.get("cases", ())
    schools = Counter(case["case"] for case in cases)
    worse = {(flip["case"], flip["school"]) for flip in (report["baseline"] or {}).get("flips", ()) if flip["turn"] == "worse"}
    for case in cases:
        name = f"{case['case']} [{case['school']}] {flat(case['question'])}"
        test = _test(report, case["kind"], name, (case["seconds"] or 0) / schools[case["case"]])  # one reply, several schools
        if not case["answer"]["right"]:
            _wrong(test, case, not case["compared"] or (case["case"], case["school"]) in worse)
        yield test


def _wrong(test: ElementTree.Element, case: dict[str, Any], news: bool) -> None:
    """A failure where the wrong answer is news, else a known miss."""
    right, said = wanted(case["gold"]), given(case["answer"])
    message = f"{'' if news else 'known miss: '}wanted {right}; said {said}"
    miss = ElementTree.SubElement(test, "failure" if news else "skipped", {"message": _legal(message)})
    if news:
        miss.set("type", case["outcome"])
        miss.text = _legal("\n".join([case["standalone_question"], f"wanted: {right}", f"said: {said}", *_quotes(case["answer"])]))


def _quotes(answer: dict[str, Any]) -> list[str]:
    return [f"{quote['clause']}: {quote['text'] or 'its words are not at hand'}" for quote in answer["quotes"]]


def _conditions(report: Report) -> Iterator[ElementTree.Element]:
    for check in report["gate"]["checks"]:
        test = _test(report, "gate", check["name"])
        if not check["passed"]:
            message = f"found {found(check)}, wanted {check['wanted']}"
            ElementTree.SubElement(test, "failure", {"message": _legal(message), "type": "gate"})
        yield test


def _waiting(report: Report) -> Iterator[ElementTree.Element]:
    """A held-back suite's are counted, not named."""
    waiting = report["waiting"]
    for name in [count(len(waiting), "case")] if report["held_back"] and waiting else waiting:
        test = _test(report, "waiting", name)
        ElementTree.SubElement(test, "skipped", {"message": "waits for its clauses to be confirmed"})
        yield test


def _test(report: Report, group: str, name: str, seconds: float = 0.0) -> ElementTree.Element:
    where = {"classname": _legal(f"{report['suite']}.{group}"), "name": _legal(name)}
    return ElementTree.Element("testcase", {**where, "time": f"{seconds:.3f}"})


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
