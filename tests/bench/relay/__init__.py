"""Relay of a streamed answer: what it costs, against the SDK's own ways of reading a stream."""

from relay.run import main

__all__ = ["main"]
