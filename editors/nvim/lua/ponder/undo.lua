--- Sees what undo and redo make of applied changes: a text that was there before is known again. Changes none.

local store = require("ponder.store")

local M = {}

---@class ponder.Standing
---@field run string
---@field bytes integer
---@field digest string
---@field states table<integer, string> of the hunks of this text

---@type table<integer, ponder.Standing[]> by buffer, the newest last
local standings = {}
---@class ponder.LastEdit
---@field before string
---@field after string
---@field states table<string, table<integer, string>> by run, before it

---@type table<integer, ponder.LastEdit> by buffer, of the edit that was applied last
local last = {}

---@param buffer integer
---@return string
local function text_of(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
end

---@param edit lsp.WorkspaceEdit
---@return table<integer, string> texts by buffer, of the files that are open
function M.texts(edit)
  local found = {}
  for _, file in ipairs(edit.documentChanges or {}) do
    local buffer = file.textDocument and vim.fn.bufnr(vim.uri_to_fname(file.textDocument.uri)) or -1
    if buffer ~= -1 and vim.api.nvim_buf_is_loaded(buffer) then
      found[buffer] = text_of(buffer)
    end
  end
  return found
end

--- An edit was applied; `before` are the texts it was applied to.
---@param before table<integer, string>
function M.applied(before)
  last = {}
  for buffer, text in pairs(before) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      -- Now, because the new text may be known, and the states be set by it before the server answers.
      local states = {}
      for _, run in ipairs(store.runs()) do
        states[run.id] = M.states(run, buffer)
      end
      last[buffer] = { before = text, after = text_of(buffer), states = states }
    end
  end
end

--- The states of a run's changes in one text.
---@param run ponder.Run
---@param buffer integer
---@return table<integer, string>
function M.states(run, buffer)
  local found = {}
  for _, hunk in ipairs(run.hunks) do
    if vim.fn.bufnr(vim.uri_to_fname(hunk.uri)) == buffer then
      found[hunk.number] = hunk.state
    end
  end
  return found
end

---@param buffer integer
local function look(buffer)
  local known = standings[buffer]
  if not known or not vim.api.nvim_buf_is_loaded(buffer) then
    return
  end
  local text, digest = text_of(buffer), nil
  local seen = {}
  for place = #known, 1, -1 do
    local one = known[place]
    if not seen[one.run] and one.bytes == #text then
      digest = digest or vim.fn.sha256(text)
      local run = store.run(one.run)
      if run and one.digest == digest then
        seen[one.run] = true
        if not vim.deep_equal(M.states(run, buffer), one.states) then
          store.take({ type = "local/standing", runId = one.run, states = one.states })
        end
      end
    end
  end
end

---@param buffer integer
local function watch(buffer)
  local waiting = false
  local function changed()
    if not waiting then
      waiting = true
      vim.schedule(function()
        waiting = false
        look(buffer)
      end)
    end
  end
  vim.api.nvim_buf_attach(buffer, false, {
    on_lines = changed,
    on_reload = changed,
    on_detach = function()
      standings[buffer] = nil
    end,
  })
end

--- The server has said what is applied of a run since the last edit.
---@param run ponder.Run
function M.remember(run)
  for buffer, texts in pairs(last) do
    local now = M.states(run, buffer)
    if next(now) then
      if not standings[buffer] then
        standings[buffer] = {}
        watch(buffer)
      end
      local before = texts.states[run.id] or {}
      for number in pairs(now) do
        before[number] = before[number] or "open"
      end
      for text, states in pairs({ [texts.before] = before, [texts.after] = now }) do
        local standing = { run = run.id, bytes = #text, digest = vim.fn.sha256(text), states = states }
        table.insert(standings[buffer], standing)
      end
    end
  end
  last = {}
end

return M
