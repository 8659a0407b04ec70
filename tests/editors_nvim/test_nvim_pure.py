"""The pure parts of the Neovim plugin, inside Neovim: the reducer, the view, cleaning, changes. No server."""

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from editors_nvim.nvim_session import PLUGIN, Nvim, find_nvim

pytestmark = pytest.mark.editor

SHOWN = """
local reduce, view = require('ponder.reduce'), require('ponder.view')
local events, options = ...
local state = reduce.new()
for _, event in ipairs(events) do state = reduce.reduce(state, event) end
local lines = {}
for _, run in ipairs(reduce.runs(state)) do
  for _, section in ipairs(view.run(run, options or {fold_thinking = true})) do
    vim.list_extend(lines, section.lines(0))
  end
end
return lines
"""


@pytest.fixture(scope="module")
def nvim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nvim]:
    with Nvim(tmp_path_factory.mktemp("pure"), start=False) as editor:
        yield editor


def run_of(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """A run with `seq` filled in."""
    started = {"type": "started", "action": "explain", "title": "Ponder: Explain", "trigger": "command"}
    return [{"runId": "r", "seq": seq, **event} for seq, event in enumerate((started, *events))]


def block(index: int, kind: str, *texts: str, ms: int | None = None) -> list[dict[str, Any]]:
    ended = [] if ms is None else [{"type": "blockFinished", "index": index, "durationMs": ms}]
    deltas = [{"type": "blockDelta", "index": index, "text": text} for text in texts]
    return [{"type": "blockStarted", "index": index, "kind": kind}, *deltas, *ended]


def finished(status: str = "done", **usage: Any) -> dict[str, Any]:
    counts = {
        "requests": 1,
        "thinkingTokens": 1840,
        "inputTokens": 12000,
        "outputTokens": 950,
        "costUsd": 0.0042,
    }
    return {"type": "finished", "status": status, "usage": counts | usage, "durationMs": 61_000}


def test_a_whole_run(nvim: Nvim) -> None:
    """Time, tokens and money as people write them; thoughts are quoted, the answer is as it came."""
    events = run_of(
        *block(0, "thinking", "a\n\nb", ms=12_400), *block(1, "text", "# Hi\n", "there", ms=9), finished()
    )
    assert nvim.lua(SHOWN, events) == [
        "# Ponder: Explain",
        "done · 1 min 1 s · 12,000 in · 950 out · $0.0042",
        "",
        "Thought for 12 s · 1,840 tokens",
        "> a",
        ">",
        "> b",
        "",
        "# Hi",
        "there",
        "",
    ]


@pytest.mark.parametrize(
    ("events", "line"),
    [
        ([*block(0, "thinking", "x")], "Thinking …"),
        ([*block(0, "redactedThinking")], "Thinking, withheld by the provider …"),
        ([*block(0, "thinking", "x"), finished("cancelled")], "Thinking, cut off"),
        ([*block(0, "thinking", "x", ms=10), finished(thinkingTokens=None)], "Thought for under 0.1 s"),
        (
            [*block(0, "thinking", "x", ms=1000), *block(1, "thinking", "y", ms=2000), finished()],
            "Thought for 2 s",
        ),
        ([finished("refused")], "refused · 1 min 1 s · 12,000 in · 950 out · $0.0042"),
        ([finished(costUsd=None, inputTokens=None)], "done · 1 min 1 s · 950 out"),
        (
            [{"type": "retrying", "attempt": 2, "delayMs": 1500, "error": {"message": "Too many."}}],
            "Try 2 in 1.5 s: Too many.",
        ),
        ([{"type": "notice", "message": "Left out."}], "Note: Left out."),
        (
            [{"type": "fromTheFuture", "colour": "red"}, finished()],
            "done · 1 min 1 s · 12,000 in · 950 out · $0.0042",
        ),
    ],
)
def test_a_line_of_the_panel(nvim: Nvim, events: list[dict[str, Any]], line: str) -> None:
    """What is not known is left out; what is not understood changes nothing."""
    assert line in nvim.lua(SHOWN, run_of(*events))


def test_an_ended_run_stays_as_it_is(nvim: Nvim) -> None:
    """Nothing after `finished` counts; a gap in `seq` is told once."""
    events = run_of(finished("cancelled"), *block(0, "text", "late"))
    assert "late" not in "".join(nvim.lua(SHOWN, events))
    gapped = [event for event in run_of(*block(0, "text", "a", "b", "c"), finished()) if event["seq"] != 2]
    lines = nvim.lua(SHOWN, gapped)
    assert "bc" in lines
    assert sum("did not arrive" in line for line in lines) == 1


def test_any_cut_gives_the_same_text(nvim: Nvim) -> None:
    """However a text is cut into deltas, its lines are the same."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    text = "".join(rng.choice("ab é\n\n—𝄞>") for _ in range(400)).strip() + "x"
    for _ in range(20):
        cuts = sorted(rng.sample(range(1, len(text)), 30))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        lines = nvim.lua(SHOWN, run_of(*block(0, "text", *pieces, ms=1), finished()))
        assert "\n".join(lines[3:-1]) == text


DANGEROUS = [
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;http://x\x07link\x1b]8;;\x07",
    "\x1b]52;c;AAAA\x1b\\set",
    "\x9b31mC1\x9d0;title\x07",
    "bell\x07back\x08null\x00del\x7f",
    "cr\rlf",
    "\x1bPq\x1b\\dcs\x1bc",
    "over\u202eride\u2066iso\u2069",
]


def test_no_terminal_is_told_anything(nvim: Nvim) -> None:
    """No control character and no control sequence reaches the panel, from any field, however it is cut."""
    raw = " ".join(DANGEROUS)
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    finding = {
        "id": "1",
        "uri": "file:///a%1B%5B31m.py",
        "range": place,
        "severity": 2,
        "code": raw,
        "message": raw,
    }
    for width in (1, 2, 3, 7, 1000):
        pieces = [raw[at : at + width] for at in range(0, len(raw), width)]
        events = run_of(
            *block(0, "thinking", *pieces, ms=1),
            *block(1, "text", *pieces, ms=1),
            {"type": "finding", "finding": finding},
            {"type": "notice", "message": raw},
            {**finished("failed"), "error": {"kind": "internal", "message": raw, "hint": raw}},
        )
        events[0]["title"] = raw
        shown = "\n".join(nvim.lua(SHOWN, events))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
        answer = shown.split("\n\n")[2]
        assert answer == "red link set C1 bellbacknulldel crlf dcs overrideiso", width


def test_fifty_thousand_deltas_in_the_panel(tmp_path: Path) -> None:
    """Drawn as they come, the panel ends with exactly the text that was sent; what a drawing took is printed."""
    with Nvim(tmp_path, start=False) as nvim:
        nvim.api.ui_attach(120, 40, rgb=True)
        nvim.command("Ponder panel open")
        nvim.lua(
            """local store, words = require('ponder.store'), {'The ', 'loop ', 'ends\\n', '\\n', 'early; '}
            local seq = -1
            local function send(event)
              seq = seq + 1
              store.take(vim.tbl_extend('force', {runId = 'r', seq = seq}, event))
            end
            send({type = 'started', action = 'explain', title = 'Ponder: Explain', trigger = 'command'})
            send({type = 'blockStarted', index = 0, kind = 'text'})
            for number = 1, 50000 do
              send({type = 'blockDelta', index = 0, text = words[number % #words + 1]})
              if number % 2500 == 0 then require('ponder.panel').draw() end
            end
            send({type = 'blockFinished', index = 0, durationMs = 1})
            require('ponder.panel').draw()"""
        )
        sent = "".join(["The ", "loop ", "ends\n", "\n", "early; "][number % 5] for number in range(1, 50001))
        assert nvim.panel().split("\n", 3)[3].rstrip("\n") == sent.rstrip("\n")
        assert nvim.api.current.window.cursor[0] == len(nvim.panel().split("\n"))
        print(nvim.lua("return require('ponder.panel').drawings"))


def test_changes_in_every_encoding(nvim: Nvim) -> None:
    """The lines a change replaces are the same whatever units its columns count in."""
    line = "x = 'é𝄞' + old"
    for encoding, start in (
        ("utf-8", len(line[:-3].encode())),
        ("utf-16", len(line)),
        ("utf-32", len(line) - 3),
    ):
        units = start if encoding != "utf-16" else len(line[:-3].encode("utf-16-le")) // 2
        end = {"line": 1, "character": units + 3}
        change = {"range": {"start": {"line": 1, "character": units}, "end": end}, "newText": "new"}
        edit = {"documentChanges": [{"textDocument": {"uri": "file:///a", "version": 1}, "edits": [change]}]}
        hunks = nvim.lua(
            "local edit, line, encoding = ...; return require('ponder.hunks').of(edit, function() return {'a', line} end, encoding)",
            edit,
            line,
            encoding,
        )
        assert (hunks[0]["line"], hunks[0]["old"], hunks[0]["new"]) == (1, [line], [line[:-3] + "new"])


def test_wrong_options_are_named(nvim: Nvim) -> None:
    """A wrong option costs that option; `:checkhealth` has the sentence."""
    nvim.lua("require('ponder').setup({edits = 'always', colour = 1, panel = {size = 'big', open = false}})")
    current = nvim.lua("return require('ponder.config').current")
    assert (current["edits"], current["panel"]["size"], current["panel"]["open"]) == ("panel", 0.42, False)
    assert nvim.lua("return require('ponder.config').problems") == [
        "`colour` is no option of ponder.nvim; it is ignored",
        "`edits` must be one of panel, server; it stays as it was",
        "`panel.size` must be a number; it stays as it was",
    ]


def test_loading_costs_nothing_before_use(nvim: Nvim, tmp_path: Path) -> None:
    """The plugin file loads nothing but the table of names."""
    with Nvim(tmp_path, plugin=False, start=False) as fresh:
        fresh.lua("vim.opt.runtimepath:prepend(...)", str(PLUGIN))
        fresh.command("runtime! plugin/ponder.lua")
        assert fresh.lua(
            "return vim.tbl_filter(function(n) return n:find('^ponder') end, vim.tbl_keys(package.loaded))"
        ) == ["ponder.protocol"]


def test_it_loads_as_a_package(tmp_path: Path) -> None:
    """`:packadd`, which `vim.pack` and most managers come down to, is all it takes: command, help and `lsp/ponder.lua`."""
    packed = tmp_path / "site" / "pack" / "core" / "opt"
    packed.mkdir(parents=True)
    shutil.copytree(PLUGIN, packed / "ponder.nvim")
    with Nvim(tmp_path, plugin=False, start=False) as fresh:
        fresh.command(f"set packpath^={tmp_path / 'site'}")
        fresh.command("packadd ponder.nvim")
        assert fresh.lua("return vim.fn.exists(':Ponder')") == 2
        assert fresh.lua("vim.lsp.enable('ponder'); return type(vim.lsp.config.ponder.cmd)") == "function"
        fresh.command("helptags ALL")
        fresh.command("help ponder-panel")
        assert fresh.api.current.buffer.name.endswith("ponder.txt")


def test_the_lua_is_clean() -> None:
    """Luacheck finds nothing, where it is installed; files stay small and say what they are for."""
    for path in sorted(PLUGIN.rglob("*.lua")):
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 340, path
        assert text.startswith("--- ") or path.name.startswith("."), path
        assert "TODO" not in text
    luacheck = shutil.which("luacheck")
    if luacheck is not None:
        result = subprocess.run(
            [luacheck, "-q", "--no-color", "."], cwd=PLUGIN, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout
    else:
        print("luacheck is not installed", file=sys.stderr)


def test_the_help_file_is_up_to_date(nvim: Nvim, tmp_path: Path) -> None:
    """Its options and settings are those of the code, and every link in it leads to a tag."""
    script = PLUGIN / "scripts" / "options.lua"
    command = [find_nvim(), "--headless", "-u", "NONE", "-l", str(script), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    text = (PLUGIN / "doc" / "ponder.txt").read_text("utf-8")
    shutil.copy(PLUGIN / "doc" / "ponder.txt", tmp_path)
    nvim.command(f"helptags {tmp_path}")
    tags = {line.split("\t")[0] for line in (tmp_path / "tags").read_text().splitlines()}
    ours = {link for link in re.findall(r"\|(\S+?)\|", text) if "onder" in link}
    assert ours
    assert ours <= tags
