"""A TOML file of tables of one kind -> its rows, checked. Topics and kinds of policy are data, which people edit."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from clausewise.errors import ClausewiseError

Form = TypeVar("Form", bound=BaseModel)


def read_tables(path: Path, name: str, form: type[Form], bad: type[ClausewiseError]) -> list[Form]:
    """The [[name]] tables of the file, in order. Raises `bad`, in one line, for what is none, and where there is none."""
    try:
        rows = tomllib.loads(path.read_text("utf-8-sig")).get(name, [])
    except OSError as error:
        raise bad(f"{path}: cannot be read ({error.strerror}); expected a file of [[{name}]] tables") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise bad(f"{path}: not valid TOML ({error}); expected [[{name}]] tables") from None
    if not isinstance(rows, list) or not rows:
        wanted = ", ".join(field for field, about in form.model_fields.items() if about.is_required())
        raise bad(f"{path}: found no [[{name}]] table; expected at least one, with {wanted}")
    return [_checked(path, f"{name} {number}", form, row, bad) for number, row in enumerate(rows, start=1)]


def _checked(path: Path, place: str, form: type[Form], row: object, bad: type[ClausewiseError]) -> Form:
    try:
        return form.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the table"
        raise bad(f"{path}: {place}, {where}: found {ascii(first['input'])[:60]}; {first['msg']}") from None
