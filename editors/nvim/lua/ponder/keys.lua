--- The panel's own keys, in its buffer only. Each does one thing with what is under the cursor.

local client = require("ponder.client")
local protocol = require("ponder.protocol")
local store = require("ponder.store")

local M = {}

---@return ponder.Target?, ponder.Run?
local function here()
  local target, run = require("ponder.panel").at(vim.api.nvim_win_get_cursor(0)[1])
  return target, run or store.latest()
end

--- Go so many runs on as the count says, or as far as there are.
---@param step integer
local function go(step)
  local line = vim.api.nvim_win_get_cursor(0)[1]
  local ahead = vim.tbl_filter(function(head)
    return (head - line) * step > 0
  end, require("ponder.panel").heads())
  if #ahead > 0 then
    local place = math.min(vim.v.count1, #ahead)
    vim.cmd("normal! m'")
    vim.api.nvim_win_set_cursor(0, { ahead[step > 0 and place or #ahead + 1 - place], 0 })
  end
end

--- A window for code: the one before this, else any in this tab page, else a new one.
---@return integer
local function code_window()
  local before = vim.fn.win_getid(vim.fn.winnr("#"))
  local all = vim.list_extend({ before }, vim.api.nvim_tabpage_list_wins(0))
  for _, window in ipairs(all) do
    if window ~= 0 and vim.bo[vim.api.nvim_win_get_buf(window)].buftype == "" then
      return window
    end
  end
  vim.cmd("leftabove vnew")
  return vim.api.nvim_get_current_win()
end

--- Where a finding is now: its diagnostic has moved with the text.
---@param finding ponder.Finding
---@return integer buffer, integer line from 1, integer column
function M.place_of(finding)
  local buffer = vim.uri_to_bufnr(finding.uri)
  for _, found in ipairs(vim.diagnostic.get(buffer)) do
    local data = vim.tbl_get(found, "user_data", "lsp", "data")
    if type(data) == "table" and data.findingId == finding.id then
      return buffer, found.lnum + 1, found.col
    end
  end
  return buffer, finding.range.start.line + 1, 0
end

---@param buffer integer
---@param line integer from 1
---@param column integer
local function jump(buffer, line, column)
  vim.api.nvim_set_current_win(code_window())
  vim.cmd("normal! m'")
  vim.bo[buffer].buflisted = true
  vim.api.nvim_win_set_buf(0, buffer)
  vim.api.nvim_win_set_cursor(0, { math.min(line, vim.api.nvim_buf_line_count(buffer)), column })
  vim.cmd("normal! zvzz")
end

local function open()
  local target = here()
  if target and target.finding then
    jump(M.place_of(target.finding))
  elseif target and target.hunk then
    jump(vim.uri_to_bufnr(target.hunk.uri), target.hunk.line + 1, 0)
  elseif vim.fn.foldlevel(".") > 0 then
    vim.cmd("normal! za")
  end
end

---@param all boolean
local function apply(all)
  local target, run = here()
  local connection = run and client.of(run)
  if not run or not connection then
    return
  end
  local hunk = target and target.hunk
  if all then
    client.apply(connection, run.id)
  elseif hunk then
    client.apply(connection, run.id, hunk.number)
  end
end

local HELP = {
  { "q", "close the panel" },
  { "<CR>", "go to the finding or change; open or close thoughts" },
  { "]]", "next run" },
  { "[[", "previous run" },
  { "a", "apply the change under the cursor" },
  { "A", "apply all changes of the run" },
  { "d", "show the changes side by side" },
  { "f", "ask a follow-up" },
  { "x", "cancel the run" },
  { "g?", "show these keys" },
}

---@type table<string, fun()>
local KEYS = {
  q = function()
    require("ponder.panel").close()
  end,
  ["<CR>"] = open,
  ["]]"] = function()
    go(1)
  end,
  ["[["] = function()
    go(-1)
  end,
  a = function()
    apply(false)
  end,
  A = function()
    apply(true)
  end,
  d = function()
    local _, run = here()
    require("ponder.diff").open(run)
  end,
  f = function()
    local _, run = here()
    require("ponder.commands").follow_up(run)
  end,
  x = function()
    local _, run = here()
    local connection = run and client.of(run)
    if run and connection then
      client.command(connection, protocol.COMMAND.cancel, { runId = run.id })
    end
  end,
  ["g?"] = function()
    local lines = vim.tbl_map(function(row)
      return { ("%-5s %s\n"):format(row[1], row[2]) }
    end, HELP)
    vim.api.nvim_echo(lines, false, {})
  end,
}

---@param buffer integer
function M.attach(buffer)
  for _, row in ipairs(HELP) do
    vim.keymap.set("n", row[1], KEYS[row[1]], { buffer = buffer, nowait = true, desc = "Ponder: " .. row[2] })
  end
end

return M
