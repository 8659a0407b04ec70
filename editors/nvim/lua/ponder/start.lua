--- Starts an action on what the user looks at: finds the file, the lines and the diagnostics. Shows nothing of the run.

local client = require("ponder.client")
local columns = require("ponder.columns")
local protocol = require("ponder.protocol")

local M = {}

---@param buffer integer
---@param line integer from 0
---@param encoding string
---@return lsp.Diagnostic[] what stands at this line, of any server
local function diagnostics_at(buffer, line, encoding)
  return vim.tbl_map(function(found)
    local known = vim.tbl_get(found, "user_data", "lsp")
    if known and known.range then
      return known
    end
    local function position(row, byte)
      local text = vim.api.nvim_buf_get_lines(buffer, row, row + 1, false)[1] or ""
      return { line = row, character = columns.to_units(text, byte, encoding) }
    end
    return {
      range = {
        start = position(found.lnum, found.col),
        ["end"] = position(found.end_lnum or found.lnum, found.end_col or found.col),
      },
      severity = found.severity,
      source = found.source,
      code = found.code and tostring(found.code) or nil,
      message = found.message,
    }
  end, vim.diagnostic.get(buffer, { lnum = line }))
end

--- Say why nothing happens.
---@param words string
local function say(words)
  vim.notify("Ponder: " .. words, vim.log.levels.WARN)
end

--- The window whose file a command is about: this one, else, from the panel or a list, the one before it.
---@return integer?
local function subject()
  local before = vim.fn.win_getid(vim.fn.winnr("#"))
  for _, window in ipairs({ vim.api.nvim_get_current_win(), before }) do
    if window ~= 0 and vim.bo[vim.api.nvim_win_get_buf(window)].buftype == "" then
      return window
    end
  end
end

--- Start an action on the current buffer: on the range, on the diagnostics at the cursor for `fix` and `debug`, else on
--- all of it.
---@param action string
---@param options { range?: integer[], instruction?: string }
function M.run(action, options)
  local window = subject()
  local buffer = window and vim.api.nvim_win_get_buf(window)
  if not window or not buffer then
    return say("this window shows no file; go to one first.")
  elseif vim.api.nvim_buf_get_name(buffer) == "" then
    return say("this buffer has no file name; write it first (`:write NAME`).")
  end
  local line = vim.api.nvim_win_get_cursor(window)[1] - 1
  client.need(buffer, function(connection)
    if not vim.api.nvim_buf_is_loaded(buffer) then
      return
    end
    local encoding = connection.offset_encoding
    local argument = { action = action, textDocument = { uri = vim.uri_from_bufnr(buffer) } }
    if options.range then
      argument.range = columns.lines(buffer, options.range[1], options.range[2], encoding)
    elseif action == "fix" or action == "debug" then
      local found = diagnostics_at(buffer, line, encoding)
      if found[1] then
        argument.range, argument.diagnostics = found[1].range, found
      end
    end
    if options.instruction and options.instruction ~= "" then
      argument.instruction = options.instruction
    end
    client.run(connection, argument)
  end)
end

--- The actions there are, the user's own among them: as the server tells, else as the settings do.
---@return string[]
function M.actions()
  local names = {}
  for _, name in ipairs(protocol.ACTIONS) do
    names[name] = true
  end
  for name in pairs(require("ponder.config").current.settings.actions or {}) do
    names[name] = true
  end
  for _, route in ipairs(client.routes(vim.api.nvim_get_current_buf())) do
    names[route.action] = true
  end
  local sorted = vim.tbl_keys(names)
  table.sort(sorted)
  return sorted
end

return M
