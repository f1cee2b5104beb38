"""Numbers as lists print them; the styles go by the names that Word gives them."""

from __future__ import annotations

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


_LARGEST = 5000  # a larger number would be written in ever longer rows of letters


def numeral(number: int, style: str) -> str:
    """`number` in `style` (decimal where the style is not known, or the number is large): 4 -> "4", "d", "D", "iv", "IV", "04", "4th"."""
    if style in ("none", "bullet"):
        return ""
    if not 1 <= number <= _LARGEST or style not in _STYLES:
        return str(number)
    return _STYLES[style](number)


def _letters(number: int) -> str:
    """a to z, then aa, bb, as Word and browsers up to 26 do."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    digits = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        digits += letters * count
    return digits


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


_STYLES = {
    "lowerLetter": _letters,
    "upperLetter": lambda n: _letters(n).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda n: _roman(n).upper(),
    "decimalZero": lambda n: f"{n:02d}",
    "ordinal": _ordinal,
}
