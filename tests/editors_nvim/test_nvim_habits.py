"""What people do to an editor around the plugin: close buffers, undo, quit halves of a view, mistype, type too early."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from editors_nvim.nvim_session import BUG, PLUGIN, SERVER, Nvim

pytestmark = pytest.mark.editor

TWO = BUG + BUG.replace("add_order", "add_other")


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nvim]:
    with Nvim(tmp_path_factory.mktemp("habits")) as nvim:
        yield nvim


@pytest.fixture
def nvim(editor: Nvim, request: pytest.FixtureRequest) -> Nvim:
    """One editor for all tests of this file, with a file of its own for each."""
    editor.lua("_G.told = nil")
    editor.command("silent! tabonly! | silent! only!")
    editor.command("enew! | messages clear")
    name = re.sub("[^a-z0-9]+", "_", request.node.name)
    editor.open(f"{name}.py", TWO)
    return editor


def states(nvim: Nvim) -> list[str]:
    found: list[str] = nvim.lua(
        "return vim.tbl_map(function(h) return h.state end, require('ponder.store').latest().hunks)"
    )
    return found


def become(nvim: Nvim, *wanted: str) -> None:
    nvim.wait(
        "vim.deep_equal(vim.tbl_map(function(h) return h.state end, require('ponder.store').latest().hunks), a)",
        *wanted,
    )


@pytest.mark.parametrize("line", ["{}bdelete!", "silent! %bdelete!", "{}bwipeout!"])
def test_a_deleted_panel_comes_back_whole(nvim: Nvim, line: str) -> None:
    """However its buffer was closed, the next run shows all runs again, and nobody sees an error."""
    path = nvim.api.current.buffer.name
    nvim.start("Ponder review")
    before = nvim.panel()
    nvim.command(line.format(nvim.lua("return require('ponder.panel').buffer()")))
    nvim.command(f"edit {path}")
    nvim.attached()
    nvim.start("Ponder explain")
    assert nvim.panel().startswith(before.rstrip("\n"))
    assert nvim.lua("return require('ponder.panel').window() ~= nil")
    nvim.go_to("^Thought for ")
    assert nvim.api.funcs.foldlevel(".") == 1
    nvim.keys("q")
    assert "Error" not in nvim.api.funcs.execute("messages")
    assert nvim.told() == []


def test_a_panel_that_is_deleted_or_reloaded_while_it_streams(tmp_path: Path) -> None:
    """What arrives without a panel is in it when it opens again; `:edit` in the panel leaves it as it is."""
    with Nvim(tmp_path, PONDER_API_OFFLINE_DELTA_MS="40") as nvim:
        nvim.open("orders.py", BUG)
        nvim.command("Ponder review")
        nvim.wait("(require('ponder.store').latest() or {blocks = {}}).blocks[1]")
        nvim.lua("require('ponder.panel').draw()")
        nvim.command("%bdelete!")
        nvim.wait("#(require('ponder.store').latest().blocks[1].lines) >= 2")
        nvim.command("Ponder panel open")
        nvim.lua("require('ponder.panel').draw()")
        assert "Thinking …" in nvim.panel()
        nvim.command("edit!")
        nvim.wait("require('ponder.panel').window() ~= nil and vim.bo.filetype == 'ponder'")
        run = nvim.ended()
        assert run["status"] == "done"
        assert "## Findings" in nvim.panel()
        assert "Error" not in nvim.api.funcs.execute("messages")
        assert nvim.told() == []


def test_what_was_undone_can_be_taken_again(nvim: Nvim) -> None:
    """Undo opens a change again and redo closes it, in the panel and in the server; "all" leaves no half of a fix."""
    code = nvim.api.current.window
    nvim.start("Ponder fix")
    assert states(nvim) == ["open", "open"]
    nvim.go_to("^## Change 1 of ")
    nvim.keys("a")
    become(nvim, "applied", "open")
    nvim.api.current.window = code
    nvim.command("undo")
    become(nvim, "open", "open")
    assert nvim.text() == TWO.rstrip("\n")
    nvim.command("redo")
    become(nvim, "applied", "open")
    nvim.command("Ponder apply")
    become(nvim, "applied", "applied")
    fixed = nvim.text()
    nvim.command("undo 0")
    become(nvim, "open", "open")
    nvim.lua("require('ponder.panel').draw()")
    assert "`a` applies" in nvim.panel()[nvim.panel().rindex("# Ponder") :]
    nvim.command("Ponder apply all")
    become(nvim, "applied", "applied")
    assert nvim.text() == fixed
    assert "orders=[]" not in fixed
    nvim.command("undo")
    become(nvim, "open", "open")
    nvim.command("Ponder apply 2")
    become(nvim, "open", "applied")
    assert nvim.told() == []


def test_a_command_waits_for_a_server_that_starts(tmp_path: Path) -> None:
    """`nvim '+Ponder review' FILE`: the command is carried out as soon as the server has started."""
    path = tmp_path / "orders.py"
    path.write_text(BUG)
    init = tmp_path / "init.lua"
    init.write_text(
        f"""vim.opt.runtimepath:prepend("{Path(__file__).parents[2]}/editors/nvim")
        vim.cmd("runtime! plugin/ponder.lua")
        vim.notify = function(m, l) _G.told = _G.told or {{}}; table.insert(_G.told, {{m, l or 2}}) end
        require("ponder").setup({{cmd = vim.json.decode([==[{str(list(SERVER)).replace("'", '"')}]==])}})
        vim.lsp.enable("ponder")"""
    )
    with Nvim(
        tmp_path,
        plugin=False,
        start=False,
        arguments=("-u", str(init), "--cmd", "filetype on", "+Ponder review", str(path)),
    ) as nvim:
        nvim.wait("#require('ponder.store').runs() == 1")
        assert nvim.ended()["status"] == "done"
        assert nvim.told() == []


def test_a_command_that_cannot_wait_says_why(tmp_path: Path) -> None:
    """A server that is not enabled or not there, a buffer without a name, a window without a file: each has its words."""
    with Nvim(tmp_path, start=False) as nvim:
        nvim.open("orders.py", BUG)
        nvim.command("Ponder review")
        assert "not enabled" in nvim.told()[-1]
        nvim.lua("require('ponder').setup({cmd = {'no-such-server'}})")
        nvim.command("Ponder routes")
        assert "`no-such-server` is not there" in nvim.told()[-1]
        nvim.command("enew")
        nvim.command("Ponder review")
        assert "no file name" in nvim.told()[-1]
        nvim.command("only | help")
        nvim.command("only")
        nvim.command("Ponder review")
        assert "shows no file" in nvim.told()[-1]
        nvim.lua(
            "require('ponder').setup({cmd = {'sleep', '60'}}); require('ponder.client').longest_start_ms = 100"
        )
        nvim.lua("vim.lsp.enable('ponder')")
        nvim.command(f"edit {tmp_path / 'orders.py'}")
        nvim.command("Ponder usage")
        nvim.wait("(_G.told[#_G.told][1]):find('does not start') ~= nil")


def test_a_run_from_the_panel_is_about_the_file_before_it(nvim: Nvim) -> None:
    """`:Ponder explain` typed in the panel explains the file one came from."""
    path = nvim.api.current.buffer.name
    nvim.command("Ponder panel open")
    assert nvim.api.current.buffer.options["filetype"] == "ponder"
    assert nvim.start("Ponder explain")["uri"] == Path(path).as_uri()


def test_doctor_gets_the_key(tmp_path: Path) -> None:
    """`:checkhealth` asks `doctor` in the environment the server gets: with the key of `key_cmd`."""
    doctor = tmp_path / "server.sh"
    answer = '{"checks": [{"name": "key", "state": "ok", "detail": "%s"}]}'
    doctor.write_text(f'#!/bin/sh\n[ "$1" = doctor ] && printf \'{answer}\' "$ANTHROPIC_API_KEY"\nexit 0\n')
    doctor.chmod(0o755)
    options = f"{{cmd = {{'{doctor}', 'serve'}}, key_cmd = {{'echo', 'sk-ant-of-mine'}}}}"
    with Nvim(tmp_path, start=False, options=options) as nvim:
        nvim.command("checkhealth ponder")
        assert "key: sk-ant-of-mine" in nvim.text()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("run", "needs the name of an action: architecture, "),
        ("workspace bacth", "takes `batch` or nothing, not `bacth`"),
        ("panel opne", "open, close, toggle, not `opne`"),
        ("dismiss rules", "finding, rule, file, not `rules`"),
    ],
)
def test_what_is_mistyped_starts_nothing(nvim: Nvim, line: str, words: str) -> None:
    """The user reads what is missing or wrong; no run begins."""
    before = nvim.runs()
    nvim.command(f"Ponder {line}")
    assert words in nvim.told()[-1]
    nvim.start("Ponder explain")
    assert nvim.runs() == before + 1


def test_actions_of_the_user_are_completed(tmp_path: Path) -> None:
    """`:Ponder run` offers what `ponder.toml` and the plugin's settings add, and runs it."""
    (tmp_path / "ponder.toml").write_text('[actions.haiku]\ntitle = "Haiku"\nprompt = "Write a haiku."\n')
    options = "{settings = {actions = {limerick = {title = 'Limerick', prompt = 'Write a limerick.'}}}}"
    with Nvim(tmp_path, options=options) as nvim:
        nvim.open("orders.py", BUG)
        nvim.wait("vim.list_contains(vim.fn.getcompletion('Ponder run ', 'cmdline'), 'haiku')")
        names = nvim.api.funcs.getcompletion("Ponder run ", "cmdline")
        assert {"haiku", "limerick", "review"} <= set(names)
        assert nvim.start("Ponder run haiku")["action"] == "haiku"


@pytest.mark.parametrize(("columns", "kind"), [(160, "row"), (80, "row"), (70, "col"), (40, "col")])
def test_a_narrow_terminal_has_the_panel_below(nvim: Nvim, columns: int, kind: str) -> None:
    """Where the code would have fewer than 45 columns the panel stands under it."""
    nvim.command(f"set columns={columns}")
    nvim.command("Ponder panel open")
    assert nvim.api.funcs.winlayout()[0] == kind
    widths = [window.width for window in nvim.api.current.tabpage.windows]
    assert min(widths) >= (40 if kind == "col" else 30)
    nvim.command("Ponder panel close")
    nvim.command("set columns=160")


@pytest.mark.parametrize("side", [0, 1])
def test_both_sides_of_the_view(nvim: Nvim, side: int) -> None:
    """On either side `a` takes the change under the cursor and `:q` closes the view; elsewhere the keys are the user's."""
    nvim.command("nnoremap <buffer> q <Cmd>let g:mine = 1<CR>")
    nvim.start("Ponder fix")
    nvim.command("Ponder diff")
    view = nvim.api.current.tabpage.windows
    assert "ponder://proposal/" in view[1].buffer.name
    nvim.api.current.window = view[side]
    nvim.keys("gg]c")
    nvim.keys("a")
    become(nvim, "applied", "open")
    nvim.command("quit")
    nvim.wait("#vim.api.nvim_list_tabpages() == 1")
    nvim.keys("q")
    assert nvim.lua("return vim.g.mine") == 1
    nvim.keys("ax<Esc>")
    assert nvim.text() != TWO
    nvim.command("nunmap <buffer> q")


def test_reports_share_a_window(nvim: Nvim) -> None:
    """Routes, usage, context and the transcript stand in one window, one after the other; `q` closes it."""
    nvim.start("Ponder explain")
    windows = len(nvim.api.current.tabpage.windows)
    for name in ("routes", "usage", "context"):
        nvim.command(f"Ponder {name}")
        nvim.wait(f"vim.api.nvim_buf_get_name(0):find('ponder://{name}', 1, true)")
        assert len(nvim.api.current.tabpage.windows) == windows + 1
    nvim.command("Ponder transcript")
    nvim.wait("vim.b.ponder_transcript and vim.bo.readonly")
    assert len(nvim.api.current.tabpage.windows) == windows + 1
    nvim.keys("q")
    assert len(nvim.api.current.tabpage.windows) == windows


def test_a_count_goes_several_runs_on(nvim: Nvim) -> None:
    """`2]]` and `2[[` go two runs; a count that is too large goes as far as there are."""
    for action in ("explain", "review", "explain"):
        nvim.start(f"Ponder {action}")
    heads = [n for n, line in enumerate(nvim.panel().split("\n"), 1) if line.startswith("# ")]
    nvim.go_to("^# Ponder", first=True)
    for keys, place in (("2]]", 2), ("99]]", -1), ("2[[", -3), ("99[[", 0)):
        nvim.keys(keys)
        assert nvim.api.current.window.cursor[0] == heads[place], keys


def test_a_follow_up_is_named_after_its_question(nvim: Nvim) -> None:
    """Its title in the panel says what was asked, and that it belongs to another run."""
    nvim.start("Ponder explain")
    nvim.start("Ponder followup Which of these   matters most?")
    title = next(line for line in reversed(nvim.panel().split("\n")) if line.startswith("# "))
    assert title.startswith("# ↳ Ponder (offline)")
    assert "“Which of these   matters most?”" in title or "“Which of these matters most?”" in title


def test_setup_merges(nvim: Nvim) -> None:
    """A second call leaves what the first one set; lists are replaced."""
    before = nvim.lua("return require('ponder.config').current")
    nvim.lua("require('ponder').setup({panel = {size = 50}, root_markers = {'a'}})")
    nvim.lua("require('ponder').setup({panel = {position = 'left'}, settings = {budget = {runUsd = 1}}})")
    after = nvim.lua("return require('ponder.config').current")
    assert after["cmd"] == before["cmd"]
    assert (after["panel"]["size"], after["panel"]["position"]) == (50, "left")
    assert after["root_markers"] == ["a"]
    nvim.lua("require('ponder').setup({panel = {size = 0.42, position = 'right'}, root_markers = {'.git'}})")


def test_a_restored_session_is_tidy(tmp_path: Path) -> None:
    """The panel has its own look again, though the session was saved with other options; empty reports are gone."""
    session = tmp_path / "session.vim"
    with Nvim(tmp_path) as nvim:
        nvim.command("set number list sessionoptions+=localoptions,blank")
        nvim.open("orders.py", BUG)
        nvim.start("Ponder explain")
        nvim.command("Ponder routes")
        nvim.wait("vim.api.nvim_buf_get_name(0):find('ponder://routes', 1, true)")
        nvim.command(f"mksession! {session}")
    with Nvim(tmp_path) as nvim:
        nvim.command("set number list")
        nvim.command(f"source {session}")
        nvim.wait("require('ponder.panel').window() ~= nil")
        look = nvim.lua(
            "local w = vim.wo[require('ponder.panel').window()];"
            " return {w.number, w.list, w.conceallevel, w.foldmethod, w.wrap}"
        )
        assert look == [False, False, 2, "manual", True]
        names = [buffer.name for buffer in nvim.api.buffers]
        assert not [name for name in names if "ponder://" in name and not name.endswith("panel")]
        assert any(name.endswith("orders.py") for name in names)


def test_the_names_are_those_of_the_server() -> None:
    """The plugin's one table of actions and commands is the server's."""
    from ponder.actions.catalogue import BUILT_IN

    text = (PLUGIN / "lua/ponder/protocol.lua").read_text("utf-8")
    assert re.findall(r'^  "(\w+)",$', text, re.M) == [action.id for action in BUILT_IN]
    others = [path for path in PLUGIN.rglob("*.lua") if '"architecture"' in path.read_text("utf-8")]
    assert [path.name for path in others] == ["protocol.lua"]
