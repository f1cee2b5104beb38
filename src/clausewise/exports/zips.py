"""A ZIP that a library wrote -> the same without a trace of when it was written."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_CORE = "docProps/core.xml"
_TIMES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</)")


def settled(data: bytes, made: datetime) -> bytes:
    """Members in their order, each with `made` for its time, as have the document's properties."""
    out = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = ZipInfo(name, (max(made.year, 1980), made.month, made.day, 0, 0, 0))  # a ZIP knows no earlier year
            info.compress_type, info.create_system = ZIP_DEFLATED, 3
            new.writestr(info, _dated(old.read(name), made) if name == _CORE else old.read(name))
    return out.getvalue()


def _dated(core: bytes, made: datetime) -> bytes:
    return _TIMES.sub(rb"\g<1>" + made.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<3>", core)
