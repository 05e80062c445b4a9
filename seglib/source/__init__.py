"""Where the user's tables are: files, a DuckDB file, or any Ibis connection; always read only."""

from seglib.source.connect import connect
from seglib.source.source import Source

__all__ = ["Source", "connect"]
