"""A synthetic B2B market with planted truth, for learning, demonstration and tests."""

from seglib.demo.market import AS_OF, Market, generate_market
from seglib.demo.write import write_market

__all__ = ["AS_OF", "Market", "generate_market", "write_market"]
