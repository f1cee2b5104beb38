"""Who uses a served Clausewise, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["staff", "lead", "administrator"]
ROLES: tuple[Role, ...] = ("staff", "lead", "administrator")  # each may do what those before it may


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. `id`: of an account, or of a browser where nobody signs in. `trust`: whose schools they see; None: every school."""

    id: str
    name: str
    role: Role
    trust: str | None = None

    def may(self, role: Role) -> bool:
        """Whether what that role may do is theirs to do."""
        return ROLES.index(self.role) >= ROLES.index(role)
