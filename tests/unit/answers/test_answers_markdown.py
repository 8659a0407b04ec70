"""X-10, X-12, X-16: Markdown of a model, rendered by a real renderer with HTML on, fetches and runs nothing."""

import random
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ponder.answers.clean import Cleaner, clean
from ponder.answers.markdown import Neutraliser, code_span, literal, neutralise, plain

RENDERERS = [
    MarkdownIt("commonmark", {"html": True}),
    MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]),
]
ATTACKS = [
    "![x](http://canary/?d=1)", "![x][r]\n\n[r]: http://canary", "![x]", "[x]: http://canary 'title'\n\n[x] ![x]", "<img src=http://canary>",
    "<IMG\nSRC=http://canary>", "<svg onload=x>", "<!-- x -->", "<?php x ?>", "<![CDATA[x]]>", "</div>", "<style>@import url(http://canary)</style>",
    "<div\n\nstyle='background:url(http://canary)'>", "[x](command:evil)", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))", "[x](data:text/html,x)", "[x](vscode://x)", "[x](file:///etc/passwd)", "[x](<command:evil>)",
    "[x](  command:evil  'title')", "[x]( https://a.b/c )", "[x](/a)", "[x](//canary)", "[x](#a)", "<https://canary>", "<command:evil>",
    "<javascript:alert(1)>", "[![x](http://canary)](http://canary)", "[a\n](command:evil)", "[a](\ncommand:evil)", "[a]\n(command:evil)",
    "foo ` bar\n`<img src=x>` baz", "`` ` <img> ``", "`<img>", "```\n<img>", "~~~\n<img>\n~~~\n<img>", "- ```\n  <img>\n\n<img>", "> ```\n<img>",
    "  ```\n<img>\n  ```\n<img>", "```a`b\n<img>\n```", "````\n```\n<img>\n````\n<img>", "    <img>\n\n<img>", "|a|b|\n|-|-|\n| ` | <img> ` |",
    "|a|\n|-|\n| `![x](http://canary)` | `<b>` |\n", "\\`<img>`", "\\\\`<img>`\\", "`a\\`<img>`", "\\<img>", "\\\\<img>", "!\\[x](http://canary)",
    "\\![x](http://canary)", "\\\\![x](http://canary)", "&lt;img&gt;", "&#60;img>", "\x1b[31m<img>\x1b[0m", "<\x00img>", "<\u200bimg>", "]\x00(command:evil)",
    "[x]\u200b(command:evil)", "!\x07[x](http://canary)", "```mermaid\nimg: http://canary\n```", "[^1]\n\n[^1]: <img>", "a\r<img>\r", "* <div>\n* [x]: command:evil",
    "Setext <b>\n===", "```\n<img>\n``` x\n<img>", "~~~ `\n<img>\n~~~", "\t```\n<img>\n\t```\n<img>", "`\n`<img>`\n`", "*<b>*", "a\n```\n<img>\n```\nb <i>",
    "1. ```js\n   <img>\n   ```\n2. <b>", "``<img>`", "`<img>``", "x``` <img> ```", "<a\u2028b>", "[x](https://a.b\\)<img>)", "[x](https://a.b?<img>)",
]  # fmt: skip
PIECES = [
    "`", "``", "```", "~~~", "\n", "\n\n", " ", "  ", "    ", "\t", "<img src=x>", "<b>", "<", ">", "!", "[", "]", "(", ")", ":", "\\", "|", "-", "- ", "> ", "1. ",
    "a", "word", "![x](http://c)", "[x](command:e)", "[x](https://a.b/c)", "[r]: http://c\n", "https://", "|-|\n", "#", "*", "&lt;", "\x1b[31m", "\x1b]8;;u\x07", "\r",
]  # fmt: skip


def tokens(parsed: list[Token]) -> Iterator[Token]:
    for token in parsed:
        yield token
        yield from tokens(token.children or [])


def dangers(markdown: str) -> list[str]:
    """What a renderer would run, load or link to."""
    found = []
    for renderer in RENDERERS:
        for token in tokens(renderer.parse(markdown)):
            if token.type in ("html_block", "html_inline", "image"):
                found.append(f"{token.type}: {token.content}")
            if token.type == "link_open" and not str(token.attrs["href"]).startswith(("https://", "http://")):
                found.append(f"link: {token.attrs['href']}")
            if token.type == "fence" and token.info.strip().lower() == "mermaid":
                found.append("diagram")
    return found


def test_the_corpus_is_dangerous() -> None:
    """The attacks really work on a renderer that is given them as they are."""
    assert sum(bool(dangers(attack)) for attack in ATTACKS) > 40


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "around",
    ["{}", "text {} text", "- {}\n", "# {}", "`code` {}\n\n{}", "```\ncode\n```\n{}\n```\nmore\n```"],
)
def test_no_attack_survives(attack: str, around: str) -> None:
    """X-10, X-12: no HTML, no image, no link but plain http(s), in every place of a document."""
    assert dangers(neutralise(around.replace("{}", attack))) == []


def test_random_markdown_is_harmless_however_it_is_cut() -> None:
    """X-10: 3,000 random documents; harmless for the renderer, and the cuts of the stream change nothing."""
    seed = 10
    print("seed", seed)
    source = random.Random(seed)
    attacked = 0
    for _ in range(3_000):
        text = "".join(source.choices(PIECES, k=source.randint(1, 25)))
        attacked += bool(dangers(text))
        whole = neutralise(text)
        assert dangers(whole) == [], (text, whole)
        assert not set(whole) & set("\x1b\x07\r\x00")
        neutraliser, parts, at = Neutraliser(), [], 0
        while at < len(text):
            size = source.randint(1, 6)
            parts.append(neutraliser.feed(text[at : at + size]))
            at += size
        assert "".join(parts) + neutraliser.finish() == whole, text
    assert attacked > 1_000


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nSome *text* with **bold**, `code<T>` and `a|b`.\n\n- one\n- two\n",
        "```python\nif a < b and c[0](x) != '![x](y)':\n    print(`x`)\n```\n",
        "See [the docs](https://example.com/a?b=1#c).\n",
        "a < b, x[0], items[i], 3 > 2, wow! and - [ ] a task\n",
        "| a | b |\n|---|---|\n| `x` | y |\n",
        "````md\n```\ninner <b>\n```\n````\nafter\n",
        "``a `quoted` word``\n",
        "line one  \nline two\\\nline three\n",
    ],
)
def test_ordinary_answers_stay_as_they_are(text: str) -> None:
    """What a model usually writes is not touched, code above all."""
    assert neutralise(text) == text


def test_backticks_after_an_escaped_one_are_escaped_too() -> None:
    """Renderers differ on where such a run begins, so none may begin there."""
    assert neutralise("\\``a` <b>") == "\\`\\`a\\` \\<b>"


def test_text_streams_as_it_comes() -> None:
    """Only a construct whose end decides what it is is held back."""
    neutraliser = Neutraliser()
    fed = [
        "Hel",
        "lo ",
        "wor",
        "ld `co",
        "de` a",
        "nd ",
        "<",
        "b> [x](ht",
        "tps://a.b",
        "/c) end",
        "\n``",
        "`py\nx",
        " = 1\n``",
        "`\n",
    ]
    given = [neutraliser.feed(text) for text in fed]
    assert given == [
        "Hel",
        "lo ",
        "wor",
        "ld ",
        "`code` a",
        "nd ",
        "",
        "\\<b> [x",
        "",
        "](https://a.b/c) end",
        "\n",
        "```py\nx",
        " = 1\n",
        "```\n",
    ]
    assert neutraliser.finish() == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;aGk=\x07x", "x"),
        ("a\x1b]no end\nb", "a]no end\nb"),
        ("\x1b(Bx\x1bcy\x1b", "xy"),
        ("\x9b31mx\x9d0;t\x9cy", "31mx0;ty"),
        ("bell\x07 back\x08 del\x7f tab\t", "bell back del tab\t"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("\u202eevil\u202c \u2066x\u2069 z\u200bw", "evil x zw"),
        ("tag" + chr(0xE0041), "tag"),
        ("👩\u200d💻 ❤️ می\u200cخواهم", "👩\u200d💻 ❤️ می\u200cخواهم"),
        ("\ud800", "\ufffd"),
        ("\x1bP1$r\x1b\\x", "x"),
    ],
)
def test_what_never_reaches_a_screen(text: str, expected: str) -> None:
    """X-16: escape sequences, C0, C1, hidden and lone letters are gone, letter by letter or at once."""
    assert clean(text) == expected
    cleaner = Cleaner()
    assert "".join(cleaner.feed(letter) for letter in text) + cleaner.feed("", last=True) == expected


def test_hostile_text_is_linear() -> None:
    """X-21: a quarter megabyte of any one construct is no trouble; the suite's time-out is the judge."""
    for unit in (
        "`",
        "` ",
        "\x1b",
        "\x1b[",
        "\x1b]",
        "[",
        "](",
        "](https://",
        "<",
        "!",
        "\\",
        "~~~",
        "```\n",
        "    `",
        "`a|<b>",
        "\r",
        "]:",
    ):
        text = (unit * (250_000 // len(unit)))[:250_000]
        neutralise(text)


def test_plain_text_for_clients_without_markdown() -> None:
    """X-12: marks go, code and addresses stay, and nothing that was refused comes back as a link."""
    text = "## Found\n\n**Two** things in `a_b`, see [docs](https://x.y/z) and [bad](command:e):\n\n```py\nx = *y*\n```\n> quoted <b>\n- a * b * c\n- __init__"
    assert plain(text) == (
        "Found\n\nTwo things in a_b, see docs (https://x.y/z) and [bad](command:e):\n\nx = *y*\nquoted <b>\n- a * b * c\n- init"
    )


@pytest.mark.parametrize("text", ["plain", "`", "a`b", "``", "a``b`c", " x ", "<b> ![x](y)", "", "a b"])
def test_text_as_code_and_as_literal(text: str) -> None:
    """A path or a name shows as itself, whatever is in it."""
    (paragraph,) = RENDERERS[0].parse(code_span(text))[1:2]
    (code,) = paragraph.children or []
    assert code.type == "code_inline"
    assert code.content.strip() == text.replace("\n", " ").strip()
    shown = "".join(
        token.content for token in tokens(RENDERERS[0].parse(literal(text))) if token.type == "text"
    )
    assert shown.split() == text.split()
    assert dangers(literal(text)) == []
