"""Logging: to stderr and a file, never with content, keys or paths of the user. One redactor stands before every sink."""

import logging
import re
import sys

# What a credential looks like. Anthropic keys, bearer headers, common key=value forms, PEM blocks.
_SECRET = re.compile(
    r"(sk-ant-[\w-]{8,}|(?i:bearer)\s+[\w.~+/=-]{8,}"
    r"|(?i:api[_-]?key|token|secret|password|authorization)[\"']?\s*[:=]\s*[\"']?[^\s\"',}]{6,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$))"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def redact(text: str) -> str:
    """Return the text with anything that looks like a credential, and control characters, replaced."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _SECRET.sub("[redacted]", text))


class RedactingFormatter(logging.Formatter):
    """Formats a record, then redacts the whole line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line."""
        lines = super().format(record).split("\n")
        return "\n".join(redact(line) for line in lines)


def setup(level: str = "WARNING") -> None:
    """Send Ponder's log to stderr. pygls and the SDK log message bodies at INFO, so they stay at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("ponder").setLevel(level.upper())
