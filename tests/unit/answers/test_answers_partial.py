"""A structured answer is read the same however it is cut, and nothing half-finished is taken for whole."""

import json
import random
from typing import Any

import pytest

from ponder.answers.json_pieces import MAX_DEPTH, MAX_VALUE_CHARACTERS
from ponder.answers.partial import MAX_CHARACTERS, Element, ListKey, PartialAnswer, SummaryText

Read = tuple[str, list[tuple[str, dict[str, Any]]], str | None]


def read(text: str, cuts: list[int] | range = range(0), *, expects: ListKey | None = None) -> Read:
    answer = PartialAnswer(expects)
    summary, elements, last = "", [], 0
    for end in [*cuts, len(text)]:
        for item in answer.feed(text[last:end]):
            match item:
                case SummaryText():
                    assert item.text
                    summary += item.text
                case Element():
                    elements.append((item.key, item.value))
        last = end
    return summary, elements, answer.close()


WHOLE = [
    '{"summary": "", "findings": []}',
    '{"findings":[],"summary":"after"}',
    ' \n{ "summary" : "a" , "edits" : [ { } , {"a":1} ] } \t\r\n',
    r'{"summary":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","edits":[]}',
    r'{"summary":"\ud83d \ud83d\ud83d\ude00 \ude00\u0041 \ud83d","edits":[]}',
    '{"summary":"é😀𐍈中\u2028","findings":[{"quote":"}]\\"","fix":[{"a":"{[\\\\"}]}]}',
    '{"x":1,"y":-1.5e3,"z":null,"w":true,"v":"s","u":[[1],{}],"summary":"s","findings":[{"n":0}]}',
    '{"edits":[{"a":"1"},{"b":["2"]},{"c":{"d":"3"}}],"summary":"s","findings":[{"e":4}]}',
]


@pytest.mark.parametrize("text", WHOLE)
def test_every_cut(text: str) -> None:
    """One cut anywhere, and all cuts at once, give what one piece gives: what a JSON parser reads."""
    parsed = json.loads(text)
    expected = [(key, one) for key in parsed if key in ("findings", "edits") for one in parsed[key]]
    whole = read(text)
    assert whole == (parsed["summary"], expected, None)
    assert read(text, range(1, len(text))) == whole
    for cut in range(len(text) + 1):
        assert read(text, [cut]) == whole


@pytest.mark.parametrize("text", WHOLE)
def test_every_beginning_is_incomplete(text: str) -> None:
    """A text that ends early is said to, and what it gave is a beginning of the whole."""
    summary, elements, _ = read(text)
    for end in range(len(text.rstrip())):
        part, some, problem = read(text[:end])
        assert problem
        assert summary.startswith(part)
        assert some == elements[: len(some)]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "null", "[]", '"x"', "{", "{}x", '{"summary":"a"}{', '{"summary":"a",}', '{"summary" "a"}', '{summary:"a"}',
        "{,}", '{"summary":1}', '{"summary":null}', '{"summary":"a\nb"}', '{"summary":"\\x"}', '{"summary":"\\u12g4"}',
        '{"findings":{}}', '{"findings":[1]}', '{"findings":["a"]}', '{"findings":[{}{}]}', '{"findings":[{},]}',
        '{"findings":[{"a":}]}', '{"findings":[{]]}', '{"findings":[{"a":NaN}]}', '{"findings":[{"a":"\t"}]}', '{"x":}',
        '{"x":tru}', '{"x":01}', '{"x":1 2}', '{"findings":[],"findings":[]}', '{"summary":"a","summary":"b"}',
        "```json\n{}\n```", "Here is it: {}", '{"x":[}',
    ],
)  # fmt: skip
def test_what_is_no_answer(text: str) -> None:
    """Anything that is not exactly one complete object of the right outer shape is refused, in any cut."""
    problem = read(text)[2]
    assert problem
    assert read(text, range(1, len(text)))[2] == problem


def test_a_list_that_was_promised() -> None:
    """An answer without its list is not complete, however well-formed it is."""
    assert read('{"summary":"a"}', expects="findings")[2] == "it has no `findings`"
    assert read('{"summary":"a","edits":[]}', expects="edits")[2] is None


def test_an_element_comes_with_its_closing_brace() -> None:
    """Nothing is held back until the end, and nothing comes twice."""
    answer = PartialAnswer()
    assert answer.feed('{"findings":[{"a":1') == []
    assert answer.feed("}") == [Element("findings", {"a": 1})]
    assert answer.feed(',{"a":2},{"a":3') == [Element("findings", {"a": 2})]
    assert answer.feed('}],"summary":"x') == [Element("findings", {"a": 3}), SummaryText("x")]
    assert answer.feed("y\\ud83d") == [SummaryText("y")]
    assert answer.feed('\\ude00z"}') == [SummaryText("😀z")]
    assert answer.feed("  ") == []
    assert answer.close() is None


def test_after_a_fault_nothing_more_comes() -> None:
    """What came before a fault stays; what follows it is not looked at."""
    answer = PartialAnswer()
    assert answer.feed('{"findings":[{"a":1},2,{"a":3}]}') == [Element("findings", {"a": 1})]
    assert answer.feed('{"a":4}') == []
    assert answer.close() == "an entry of `findings` is not an object"


def test_bounds() -> None:
    """Depth and size are bounded; the bound is met while reading, not at the end."""
    assert read('{"findings":[' + '{"a":' * MAX_DEPTH)[2] == "it ends early"
    assert read('{"findings":[' + '{"a":' * (MAX_DEPTH + 1))[2] == "it is nested too deeply"
    assert read('{"findings":[{"a":"' + "x" * MAX_VALUE_CHARACTERS)[2] == "one value in it is too long"
    assert read('{"summary":"' + "x" * MAX_CHARACTERS)[2] == "it is too long"


def test_random_documents_in_random_pieces() -> None:
    """Documents of random content, escaped in random ways, read as a JSON parser reads them."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    alphabet = [
        "a",
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        "é",
        "😀",
        "\ud83d",
        "\ude00",
        "\u2028",
        " ",
    ]

    def value(depth: int) -> Any:
        match chance.randrange(6 if depth else 4):
            case 0:
                return "".join(chance.choices(alphabet, k=chance.randrange(12)))
            case 1:
                return chance.choice([0, -1, 1.5, True, None])
            case 2:
                return chance.randrange(10**9)
            case 3:
                return ""
            case 4:
                return [value(depth - 1) for _ in range(chance.randrange(4))]
            case _:
                return {f"{number}{value(0)}": value(depth - 1) for number in range(chance.randrange(4))}

    for _ in range(300):
        key: ListKey = chance.choice(["findings", "edits"])
        members = [
            ("summary", f"{value(0)}"),
            ("other", value(3)),
            (key, [{"v": value(3)} for _ in range(3)]),
        ]
        chance.shuffle(members)
        document = dict(members)
        text = json.dumps(document, ensure_ascii=chance.random() < 0.5, indent=chance.choice([None, 1]))
        expected = json.loads(text)
        cuts = sorted(chance.randrange(len(text)) for _ in range(chance.randrange(20)))
        for got in (read(text, cuts), read(text, range(1, len(text)))):
            assert got == (expected["summary"], [(key, one) for one in expected[key]], None)
