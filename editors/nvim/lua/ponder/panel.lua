--- The side panel: one buffer with all runs, shown in as many windows as the user likes. Keeps no truth of its own.

local Canvas = require("ponder.canvas")
local config = require("ponder.config")
local store = require("ponder.store")
local view = require("ponder.view")

local M = {}

M.NAME = "ponder://panel"

--- Columns a panel at the side needs, and those it has to leave: where there are fewer it stands below.
local LEAST_WIDTH, LEAST_CODE = 30, 45

---@type integer?
local buffer
---@type ponder.Canvas?
local canvas
---@type table<string, ponder.Section[]> by run, of those that did not change since
local ready = {}
local waiting = false
--- Time of the longest and of all drawings, for those who measure.
M.drawings = { count = 0, total_ms = 0, longest_ms = 0 }

local EMPTY = {
  key = "empty",
  version = "0",
  complete = 0,
  lines = function()
    return { "No runs yet. `:Ponder review` reviews this file; `g?` shows the keys." }
  end,
  marks = { { line = 0, group = "PonderMeta" } },
  targets = {},
}

---@return integer[] windows that show the panel, in all tab pages
local function windows()
  return buffer and vim.fn.win_findbuf(buffer) or {}
end

---@return ponder.Section[]
local function sections()
  local all = {}
  local alive = {}
  for _, run in ipairs(store.runs()) do
    if config.current.panel.background or not store.is_background(run) then
      alive[run.id] = ready[run.id] or view.run(run, config.current.panel)
      vim.list_extend(all, alive[run.id])
    end
  end
  ready = alive
  return #all > 0 and all or { EMPTY }
end

--- Windows whose cursor is at the end: these follow what arrives.
---@return integer[]
local function followers()
  local last = vim.api.nvim_buf_line_count(buffer)
  return vim.tbl_filter(function(window)
    return vim.api.nvim_win_get_cursor(window)[1] >= last
  end, windows())
end

--- Give each window its folds. One that the cursor is in stays open: nobody is to lose the line they read.
local function fold()
  local wanted = canvas:places(function(section)
    return section.fold
  end)
  for _, window in ipairs(windows()) do
    local cursor = vim.api.nvim_win_get_cursor(window)[1]
    for _, place in ipairs(wanted) do
      local first, last = place.line - 1, place.line + place.count - 1
      if place.count > 0 then
        vim.api.nvim_win_call(window, function()
          if vim.fn.foldlevel(first) == 0 then
            vim.cmd(("%d,%dfold"):format(first, last))
            if not place.section.closed or (cursor >= first and cursor <= last) then
              vim.cmd(("%dfoldopen"):format(first))
            end
          end
        end)
      end
    end
  end
end

--- Draw what changed, at once.
function M.draw()
  if not buffer or #windows() == 0 then
    return
  end
  local began = vim.uv.hrtime()
  local following = followers()
  canvas:show(sections())
  fold()
  local last = vim.api.nvim_buf_line_count(buffer)
  for _, window in ipairs(following) do
    vim.api.nvim_win_set_cursor(window, { last, 0 })
  end
  local took = (vim.uv.hrtime() - began) / 1e6
  local drawings = M.drawings
  drawings.count, drawings.total_ms = drawings.count + 1, drawings.total_ms + took
  drawings.longest_ms = math.max(drawings.longest_ms, took)
end

---@param run ponder.Run
local function changed(run)
  ready[run.id] = nil
  if waiting or #windows() == 0 then
    return
  end
  waiting = true
  vim.defer_fn(function()
    waiting = false
    M.draw()
  end, config.current.panel.frame_ms)
end

---@param window integer
local function dress(window)
  local options = {
    wrap = true,
    linebreak = true,
    breakindent = true,
    number = false,
    relativenumber = false,
    signcolumn = "no",
    foldcolumn = "0",
    spell = false,
    list = false,
    conceallevel = 2,
    concealcursor = "n",
    foldenable = true,
    foldmethod = "manual",
    foldtext = "v:lua.require'ponder.panel'.foldtext()",
    fillchars = "fold: ",
    winfixbuf = false,
  }
  for name, value in pairs(options) do
    vim.wo[window][0][name] = value
  end
end

--- The buffer may be unloaded at any time (`:bdelete`, `:%bd`, `:edit`): what was drawn is gone then.
---@param made integer
local function watch(made)
  local group = vim.api.nvim_create_augroup("ponder.panel", {})
  vim.api.nvim_create_autocmd("BufWinEnter", {
    group = group,
    buffer = made,
    callback = function()
      for _, window in ipairs(windows()) do
        dress(window)
      end
      M.draw()
    end,
  })
  vim.api.nvim_create_autocmd({ "BufUnload", "BufWipeout" }, {
    group = group,
    buffer = made,
    callback = function()
      buffer, canvas, ready = nil, nil, {}
      -- `:edit` leaves its windows open.
      vim.schedule(M.restore)
    end,
  })
end

---@return integer
local function make_buffer()
  local made = vim.fn.bufadd(M.NAME)
  vim.fn.bufload(made)
  vim.bo[made].buftype = "nofile"
  vim.bo[made].bufhidden = "hide"
  vim.bo[made].swapfile = false
  vim.bo[made].undolevels = -1
  vim.bo[made].modifiable = false
  vim.bo[made].filetype = "ponder"
  canvas, ready = Canvas.new(made), {}
  require("ponder.keys").attach(made)
  watch(made)
  return made
end

---@return integer
function M.buffer()
  if not (buffer and vim.api.nvim_buf_is_loaded(buffer)) then
    buffer = make_buffer()
  end
  return buffer
end

--- The panel's window in this tab page.
---@return integer?
function M.window()
  for _, window in ipairs(windows()) do
    if vim.api.nvim_win_get_tabpage(window) == vim.api.nvim_get_current_tabpage() then
      return window
    end
  end
end

---@return vim.api.keyset.win_config
local function place()
  local panel = config.current.panel
  local function of(whole)
    return math.floor(panel.size < 1 and whole * panel.size or panel.size)
  end
  local width = math.max(of(vim.o.columns), LEAST_WIDTH)
  if panel.position ~= "bottom" and vim.o.columns - width >= LEAST_CODE then
    return { split = panel.position, win = -1, width = width }
  end
  local height = of(panel.position == "bottom" and vim.o.lines or math.min(vim.o.lines, vim.o.columns))
  return { split = "below", win = -1, height = math.max(math.min(height, math.floor(vim.o.lines / 2)), 5) }
end

--- Show the panel in this tab page.
---@param focus boolean
function M.open(focus)
  local shown = M.window()
  if not shown then
    shown = vim.api.nvim_open_win(M.buffer(), false, place())
    dress(shown)
    M.draw()
    vim.api.nvim_win_set_cursor(shown, { vim.api.nvim_buf_line_count(buffer), 0 })
  end
  if focus then
    vim.api.nvim_set_current_win(shown)
  end
end

function M.close()
  local shown = M.window()
  if not shown then
    return
  end
  if #vim.api.nvim_tabpage_list_wins(0) == 1 then
    vim.cmd.enew()
  else
    vim.api.nvim_win_close(shown, true)
  end
end

function M.toggle()
  if M.window() then
    M.close()
  else
    M.open(true)
  end
end

--- The user started a run.
function M.started()
  if config.current.panel.open then
    M.open(false)
  end
  local shown = M.window()
  if shown then
    vim.api.nvim_win_set_cursor(shown, { vim.api.nvim_buf_line_count(buffer), 0 })
  end
end

---@param line integer from 1
---@return ponder.Target? target, ponder.Run? run
function M.at(line)
  if not canvas then
    return nil, nil
  end
  local section, offset = canvas:at(line)
  if not section then
    return nil, nil
  end
  return section.targets[offset], store.run(section.key:match("^(.-)/"))
end

---@return integer[] lines where runs begin
function M.heads()
  return vim.tbl_map(function(found)
    return found.line
  end, canvas and canvas:places(function(section)
    return section.head
  end) or {})
end

---@return string
function M.foldtext()
  return vim.fn.getline(vim.v.foldstart)
end

--- Panels of a restored session, or after `:edit`, have a name and nothing else: give them back what they show.
function M.restore()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local shown = vim.api.nvim_win_get_buf(window)
    if shown ~= buffer and vim.api.nvim_buf_get_name(shown):match("ponder://panel$") then
      vim.api.nvim_buf_set_name(shown, "")
      vim.api.nvim_win_set_buf(window, M.buffer())
      dress(window)
      M.draw()
      vim.api.nvim_buf_delete(shown, { force = true })
    end
  end
end

store.listen("panel", changed)

return M
