"""Headings as labels: what a choice between parts of the policies is called."""

from __future__ import annotations

import re


def heading(text: str) -> str:
    """A heading as a label: without its number, and not in capitals."""
    plain = re.sub(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|[A-Za-z][.)])\s+", "", " ".join(text.split()))
    return plain.capitalize() if plain.isupper() and len(plain) > 3 else plain


def folded(text: str) -> str:
    """As labels are compared."""
    return " ".join(text.casefold().split())
