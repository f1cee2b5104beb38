"""The quantities that a rule states: how long, how old, how often, how many, at what time, for how much.

Each is normalised, so that "within one day" stands beside "24 hours". What has no fixed length in another unit keeps its
own: working days, school days, months (a year is 12) and terms (half a term is 0.5) are not turned into hours. Dates,
clause numbers, telephone numbers, addresses and references to documents are no quantities, and are blotted out first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Literal

Kind = Literal["duration", "frequency", "age", "year_group", "time", "money", "count", "percent"]
Bound = Literal["", "at least", "at most", "over", "under"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value`, and for a range `high`, in `unit`; `text` is as printed, at [start, end) of the rule.

    Units: duration "hours", "months", "terms", "working days", "school days"; frequency the same, as the time from one to
    the next; age "years"; year_group "year"; time "hours after midnight"; money "pounds"; percent "percent"; count: what
    is counted, as printed ("members of staff").
    """

    kind: Kind
    value: float
    unit: str
    text: str
    start: int
    end: int
    bound: Bound = ""
    high: float | None = None


_SMALL = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"]
_SMALL += ["fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_WORDS = {word: float(n) for n, word in enumerate(_SMALL, start=1)} | {word: float(n) for word, n in _TENS.items()} | {"a": 1.0, "an": 1.0}
_IN_WORDS = rf"(?:(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_SMALL[:9])}))?|{'|'.join(reversed(_SMALL))})"
_NUMBER = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|{_IN_WORDS})"
_BOUNDS: dict[str, Bound] = {
    **dict.fromkeys(("at least", "no fewer than", "not less than", "no less than", "minimum of", "minimum"), "at least"),
    **dict.fromkeys(("at most", "no more than", "not more than", "up to", "maximum of", "within", "no later than"), "at most"),
    **dict.fromkeys(("more than", "over", "longer than", "above", "older than"), "over"),
    **dict.fromkeys(("less than", "fewer than", "under", "below", "younger than"), "under"),
}
_BOUND = rf"(?:(?:\ba\s+)?\b(?P<bound>{'|'.join(sorted(_BOUNDS, key=len, reverse=True))})\s+)"
_AFTER: dict[str, Bound] = {
    **dict.fromkeys(("or over", "and over", "or older", "and older", "or above", "and above", "or more", "and more", "+"), "at least"),
    **dict.fromkeys(("or under", "and under", "or younger", "or less", "or fewer"), "at most"),
}
_MORE = rf"(?:\s*(?P<after>\+|(?:{'|'.join(re.escape(w) for w in _AFTER if w != '+')})\b))?"
_RANGE = rf"(?P<n>{_NUMBER})(?:\s*(?:to|–|-|or|and)\s*(?P<high>{_NUMBER}))?"

# Base unit and factor of each printed unit.
_UNITS = {
    "minute": ("hours", 1 / 60),
    "hour": ("hours", 1.0),
    "day": ("hours", 24.0),
    "week": ("hours", 168.0),
    "fortnight": ("hours", 336.0),
    "month": ("months", 1.0),
    "year": ("months", 12.0),
    "term": ("terms", 1.0),
    "half term": ("terms", 0.5),
    "working day": ("working days", 1.0),
    "school day": ("school days", 1.0),
    "term-time day": ("school days", 1.0),
    "weekday": ("working days", 1.0),
}
_UNIT = (
    r"(?:(?:full|whole|clear|further|calendar|consecutive|complete|academic|more)\s+)?"
    r"(?P<unit>(?:working|school|term-time)\s+day|half[\s-]term|weekday|minute|hour|day|week|fortnight|month|year|"
    r"term)s?\b(?![\s-]*olds?\b)"
)
_OFTEN = {
    "annual": "year", "annually": "year", "yearly": "year", "monthly": "month", "weekly": "week", "fortnightly": "fortnight",
    "termly": "term", "half-termly": "half term", "half termly": "half term", "daily": "day", "hourly": "hour",
}  # fmt: skip
_COUNTED = (
    r"(?:members\s+of\s+\w+|(?!(?:of|in|to|or|and|the|a|is|was|on|at|by|from|for|that|which|who|as|with|out|when|"
    r"if)\b)(?:[a-z][\w'’-]*\s+){0,2}?"
    r"(?!(?:is|was|has|as|this|his|its|us|always|does|times|previous|various|across|unless|less|reasons|exceptions|ways|kinds|"
    r"things|parts)\b)"
    r"(?:people|staff|children|[a-z][\w-]*s))\b"
)
_MONTH = (
    r"(?-i:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|"
    r"Aug|Sept?|Oct|Nov|Dec)"
)
_REFERENCE = (
    r"sections?|clauses?|paragraphs?|parts?|appendix|appendices|annex|pages?|table|figure|articles?|rules?|chapter|steps?|"
    r"version|issue|no\.|"
    r"number|stage|schedule|item|level|tier|phase|group|room|key\s+stages?|ks|acts?|psalm|form|question|point|points|standard"
)
_CLOCK = re.compile(r"\b(?:at|from|to|between|by|before|after|until|till|and|-|–)\s+$", re.I)
_TO = re.compile(r"\s*(?:to|until|–|-)\s*\d")
_NO_QUANTITY = re.compile(
    rf"\b{_NUMBER}\s+(?:out\s+of|in)\s+{_NUMBER}\b|https?://\S+|www\.\S+|\S+@\S+|<[^>]*>"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+\d{{4}})?|\b{_MONTH}\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?\d{{4}}\b"
    r"|\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b(?:19|20)\d\d(?:\s*[/–-]\s*\d{2,4})?\b(?!\s*(?:hours|pupils|words))"
    r"|(?<![\w£])\+?\(?0\d{2,4}\)?[\s-]?\d{3,4}[\s-]?\d{3,4}\b|\+\d{2}[\d\s()]{8,}\d|\b\d{6,}\b|\b(?:999|111|101|0800)\b"
    rf"|\b(?:{_REFERENCE})\s+(?:(?:\d+(?:\.\d+)*|{_IN_WORDS})(?:\([a-z]\))?(?:\s*(?:,|to|and|or|–|-)\s*(?=\d))?)+"
    r"|(?<![\w£.])\d+\.\d+\.\d+\S*|\b(?-i:[A-Z]{2,})[/-]?\w*[/-]\d+\S*|\bv\d+\S*|\b24/7\b|\b24\s+hours\s+a\s+day\b|"
    r"^\s*\d+(?:\.\d+)*[.)]?\s+(?=(?-i:[A-Z“\"']))",
    re.I,
)
_AGE_NEAR = re.compile(r"\b(?:age|aged|ages)\b[^.;]{0,60}$", re.I)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("money", rf"{_BOUND}?£\s?(?P<n>\d+(?:,\d{{3}})*(?:\.\d\d)?)"),
        ("percent", rf"{_BOUND}?(?P<n>\d+(?:\.\d+)?)\s?(?:%|per\s?cent\b)"),
        (
            "time",
            r"\b(?P<n>\d{1,2})(?:[.:](?P<minutes>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?|"
            r"\b(?P<n2>\d{1,2})[.:](?P<minutes2>[0-5]\d)\b(?!\.?\d|%)",
        ),
        ("time", r"\b(?P<noon>noon|midday|midnight)\b"),
        ("year_group", rf"{_BOUND}?\bYears?\s+(?:groups?\s+)?{_RANGE}{_MORE}(?!\s+olds?\b)"),
        ("age", rf"(?:{_BOUND}|\b)(?:the\s+)?ages?\s+of\s+{_RANGE}{_MORE}"),
        ("age", rf"\baged?\s+(?:of\s+)?{_BOUND}?(?:between\s+)?{_RANGE}{_MORE}"),
        ("age", rf"(?:{_BOUND}|\bbetween\s+)?\b{_RANGE}[\s-]years?[\s-](?:olds?|of\s+age)\b{_MORE}"),
        (
            "age",
            r"\b(?P<bound>under|over)[\s-](?P<n>\d{1,2})s?\b(?!\s*[:.]\d|\s*%|\s+(?:\w+\s+)?(?:minute|hour|day|week|"
            r"month|year|term|people|pupils|members|characters))",
        ),
        (
            "age",
            r"\b(?:until|when|before|once|while)\s+(?:they|he|she|he\s+or\s+she|the\s+\w+)\s+(?:is|are|turns?|"
            r"reach(?:es)?)\s+(?P<n>\d{1,2})\b(?!\s+\w+s\b)",
        ),
        ("age", r"\bwho\s+(?:is|are|has\s+turned)\s+(?:(?P<bound>under|over)\s+)?(?P<n>\d{1,2})\b(?!\s+\w+s\b)"),
        ("days_a_week", rf"\b(?P<n>{_NUMBER})\s+days\s+(?:a|per|each)\s+week\b"),
        ("times", rf"\b(?P<times>once|twice|(?P<n>{_NUMBER})\s+times)\s+(?:a|an|per|each|every|in\s+each|in\s+every)\s+{_UNIT}"),
        ("every", rf"\b(?:every|each)\s+(?:(?P<n>{_NUMBER}|other|second|third)\s+)?{_UNIT}"),
        ("often", rf"\b(?:{'|'.join(sorted(_OFTEN, key=len, reverse=True))})\b"),
        ("next", r"\b(?:the\s+end\s+of\s+)?the\s+next\s+(?P<unit>(?:working|school)\s+day|weekday|day|week|term)\b"),
        ("duration", r"\b(?P<half>half\s+an?)\s+hour\b"),
        ("duration", rf"(?:{_BOUND}|(?P<lead>for|after)\s+)?\b(?:an?\s+)?{_RANGE}[\s-]{_UNIT}{_MORE}"),
        ("duration", rf"(?:{_BOUND}|\b(?P<lead>for|after|once)\s+)(?P<n>an?)\s+{_UNIT}(?!\s+in\s+which)"),
        ("duration", rf"\b(?P<n>an?)\s+{_UNIT}(?=\s+(?:after|before|from|since)\b)"),
        ("count", rf"(?:{_BOUND}|\bonly\s+)(?P<n>{_NUMBER})(?:\s+(?:or|to)\s+(?P<high>{_NUMBER}))?\s+(?P<what>{_COUNTED}|\w+)"),
        ("count", rf"(?<![\w£.,-])(?!one\b){_RANGE}{_MORE}\s+(?P<what>{_COUNTED})(?![\w-])"),
        ("count", rf"\b(?P<what>[a-z]+s)\s+of\s+{_RANGE}{_MORE}(?![\w%£-]|\.\d)"),
    )
)  # the first that fits at a place counts


def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a rule, in order; no two overlap."""
    bare = _NO_QUANTITY.sub(lambda match: "¤" * len(match.group()), text)
    found: list[Quantity] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(bare):
            if quantity := _quantity(name, match, text):
                found.append(quantity)
                bare = bare[: quantity.start] + "¤" * (quantity.end - quantity.start) + bare[quantity.end :]
    return tuple(sorted(found, key=lambda quantity: quantity.start))


def outliers(values: Mapping[str, float]) -> tuple[str, ...]:
    """Schools whose value stands apart from the others', in their order. All values are of one topic, kind and unit.

    The rule: where more than half of three or more schools share one value, every other value stands apart. Where none
    is so common and there are four values or more, those farther than 1.5 interquartile ranges outside the quartiles do.
    """
    if len(values) < 3:
        return ()
    value, times = min(Counter(values.values()).most_common(), key=lambda pair: (-pair[1], pair[0]))
    if 2 * times > len(values):
        return tuple(school for school, own in values.items() if own != value)
    if len(values) < 4:
        return ()
    low, _, high = quantiles(values.values(), n=4, method="inclusive")
    reach = 1.5 * (high - low)
    return tuple(school for school, own in values.items() if not low - reach <= own <= high + reach)


def _quantity(name: str, match: re.Match[str], text: str) -> Quantity | None:
    made = _MAKERS[name](match, text)
    if made is None:
        return None
    kind, value, unit, high = made
    groups = match.groupdict()
    bound = _BOUNDS.get(_plain(groups.get("bound") or ""), "") or _AFTER.get(_plain(groups.get("after") or ""), "")
    start = match.end("lead") if groups.get("lead") else match.start()
    words = text[start : match.end()]
    start += len(words) - len(words.lstrip())
    return Quantity(kind, value, unit, words.strip(), start, match.end(), bound, high)


_Made = tuple[Kind, float, str, float | None] | None  # kind, value, unit, high
_Maker = Callable[[re.Match[str], str], _Made]


def _plain(words: str) -> str:
    return " ".join(words.lower().split())


def _number(words: str) -> float:
    """ "12", "1,000", "twelve", "twenty-one" -> their number."""
    words = words.lower().replace(",", "")
    if words[0].isdigit():
        return float(words)
    return sum(_WORDS[part] for part in words.split("-"))


def _pair(match: re.Match[str], factor: float = 1.0) -> tuple[float, float | None]:
    high = match.groupdict().get("high")
    return _number(match["n"]) * factor, _number(high) * factor if high else None


def _base(unit: str) -> tuple[str, float]:
    return _UNITS[_plain(unit).replace("half-term", "half term")]


def _simple(kind: Kind, unit: str) -> _Maker:
    def make(match: re.Match[str], text: str) -> _Made:
        value, high = _pair(match)
        return kind, value, unit, high

    return make


def _age(match: re.Match[str], text: str) -> _Made:
    value, high = _pair(match)
    return ("age", value, "years", high) if value < 100 else None


def _time(match: re.Match[str], text: str) -> _Made:
    groups = match.groupdict()
    if noon := groups.get("noon"):
        return "time", 24.0 if noon.lower() == "midnight" else 12.0, "hours after midnight", None
    hour, minutes = int(match["n"] or match["n2"]), int(match["minutes"] or match["minutes2"] or 0)
    if hour > 23 or (not match["half"] and not (_CLOCK.search(text[: match.start()]) or _TO.match(text, match.end()))):
        return None  # 4.10 is a clause, unless something happens "at" it
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    elif hour < 7 and len(match["n2"]) == 1:
        hour += 12  # no school rules on the small hours: 3.20 is in the afternoon
    return "time", hour + minutes / 60, "hours after midnight", None


def _duration(match: re.Match[str], text: str) -> _Made:
    groups = match.groupdict()
    if groups.get("half"):
        return "duration", 0.5, "hours", None
    number = match["n"]
    if number.lower() == "one" and not (groups.get("bound") or groups.get("lead")) and match["unit"].lower() == "day":
        return None  # "one day they may be grateful"
    unit, factor = _base(match["unit"])
    high = groups.get("high")
    if match["unit"].lower() == "year" and _AGE_NEAR.search(text[: match.start()]):
        return "age", _number(number), "years", _number(high) if high else None
    return "duration", _number(number) * factor, unit, _number(high) * factor if high else None


def _next(match: re.Match[str], text: str) -> _Made:
    unit, factor = _base(match["unit"])
    return "duration", factor, unit, None


def _times(match: re.Match[str], text: str) -> _Made:
    unit, factor = _base(match["unit"])
    times = {"once": 1.0, "twice": 2.0}.get(match["times"].lower()) or _number(match["n"])
    return "frequency", factor / times, unit, None


def _every(match: re.Match[str], text: str) -> _Made:
    unit, factor = _base(match["unit"])
    number = (match["n"] or "one").lower()
    return "frequency", factor * ({"other": 2.0, "second": 2.0, "third": 3.0}.get(number) or _number(number)), unit, None


def _often(match: re.Match[str], text: str) -> _Made:
    unit, factor = _base(_OFTEN[_plain(match.group())])
    return "frequency", factor, unit, None


def _days_a_week(match: re.Match[str], text: str) -> _Made:
    return "frequency", 168.0 / _number(match["n"]), "hours", None


def _count(match: re.Match[str], text: str) -> _Made:
    value, high = _pair(match)
    what = _plain(match["what"])
    return ("count", value, what, high) if what not in ("of", "hours", "days") else None


_MAKERS: Mapping[str, _Maker] = {
    "money": _simple("money", "pounds"),
    "percent": _simple("percent", "percent"),
    "year_group": _simple("year_group", "year"),
    "time": _time,
    "age": _age,
    "duration": _duration,
    "next": _next,
    "times": _times,
    "every": _every,
    "often": _often,
    "days_a_week": _days_a_week,
    "count": _count,
}
