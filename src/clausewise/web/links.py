"""The addresses of policies and of their clauses: "/policies/corbets-tey/social-media-policy#5.3" stays, whatever the words."""

from __future__ import annotations

from urllib.parse import quote


def anchor(document: str, clause: str) -> str:
    """What stands after the # in a clause's id."""
    return clause.removeprefix(f"{document}#")


def fragment(anchor: str) -> str:
    """The same as an address writes it, after the #."""
    return quote(anchor, safe="/~")


def policy(document: str, clause: str = "") -> str:
    """The address of a policy, or of the place of one of its clauses; both are given by id."""
    return f"/policies/{quote(document)}" + (f"#{fragment(anchor(document, clause))}" if clause else "")
