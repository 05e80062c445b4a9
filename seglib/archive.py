"""Zip archives whose bytes depend on their content alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(members: Mapping[str, bytes]) -> bytes:
    """Pack files into a zip archive, in the order given, without a time of their own.

    Parameters
    ----------
    members
        Name in the archive → content.

    Examples
    --------
    >>> pack({"a.txt": b"one"}) == pack({"a.txt": b"one"})
    True
    """
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 0  # else it tells on which system it was made
                archive.writestr(entry, content)
        return out.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """Read all files of a zip archive, in their order.

    Examples
    --------
    >>> unpack(pack({"a.txt": b"one"}))
    {'a.txt': b'one'}
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
