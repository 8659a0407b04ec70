"""Facts and explanation as Markdown for a hover box. Text of files and models is made harmless before it is shown."""

from ponder.answers.markdown import neutralise
from ponder.findings import Finding
from ponder.hover.facts import Facts

MOST_DOCSTRING = 1_200
_AS_SHOWN = {"error": "warning"}
"""A finding is called what the editor's own mark of it says: errors are left to compilers."""


def render(
    facts: Facts,
    *,
    title: str,
    explanation: str | None,
    waiting: bool,
    link: str | None = None,
    refusal: str | None = None,
) -> str:
    """The box: signature, docstring, findings, explanation. Empty where there is nothing to say.

    `refusal` says why there is no explanation.
    """
    parts: list[str] = []
    symbol = facts.symbol
    if symbol is not None and symbol.signature:
        parts.append(f"```{facts.excerpt.language}\n{_fenced(symbol.signature)}\n```")
    if symbol is not None and symbol.docstring:
        parts.append(neutralise(_short(symbol.docstring)))
    parts += [_finding(one) for one in facts.findings if not _said(one.message, explanation)]
    if explanation:
        parts.append(f"{neutralise(explanation.strip())}\n\n*{title}*")
    elif waiting and parts:
        parts.append(f"*{title} is explaining `{_code(facts.name)}`; hover again in a moment.*")
    elif refusal and parts:
        parts.append(f"*{title} does not explain `{_code(facts.name)}` now: {neutralise(refusal)}*")
    elif link and facts.name:
        parts.append(link)
    return "\n\n".join(parts)


def _said(message: str, explanation: str | None) -> bool:
    """Whether the explanation says the same in the same words: once is enough."""
    return (
        " ".join(message.split()).rstrip(".").casefold() in " ".join((explanation or "").split()).casefold()
    )


def _finding(finding: Finding) -> str:
    return f"**{_AS_SHOWN.get(finding.severity, finding.severity)}** {neutralise(finding.message)} (`{_code(finding.code)}`)"


def _short(text: str) -> str:
    return text if len(text) <= MOST_DOCSTRING else f"{text[:MOST_DOCSTRING].rstrip()} …"


def _fenced(text: str) -> str:
    return text.replace("```", "` ` `")


def _code(text: str) -> str:
    return text.replace("`", "'")
