"""A comparison -> JSON, in the order in which it was made."""

from __future__ import annotations

import json
import re

from clausewise.exports.wording import Report

_ALONE = re.compile("[\ud800-\udfff]")  # half a character, which UTF-8 cannot hold


def render(report: Report) -> str:
    """The comparison as it is; reading it gives an equal dict."""
    text = json.dumps(report, ensure_ascii=False, indent=2)
    return _ALONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
