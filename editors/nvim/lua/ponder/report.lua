--- The server's tables (routes, usage, context) as Markdown. Adds nothing up.

local clean = require("ponder.clean")
local figures = require("ponder.figures")

local M = {}

---@param value any
---@return string
local function cell(value)
  if type(value) == "number" and value == math.floor(value) then
    return figures.count(value)
  end
  if value == nil or value == vim.NIL then
    return "-"
  end
  return (clean.line(value):gsub("|", "\\|"))
end

---@param names string[]
---@param rows any[][]
---@return string[]
local function grid(names, rows)
  local shown = { names }
  for _, row in ipairs(rows) do
    local cells = {}
    for column = 1, #names do
      cells[column] = cell(row[column])
    end
    table.insert(shown, cells)
  end
  local widths = {}
  for _, row in ipairs(shown) do
    for column, text in ipairs(row) do
      widths[column] = math.max(widths[column] or 3, vim.api.nvim_strwidth(text))
    end
  end
  local lines = {}
  for _, row in ipairs(shown) do
    local padded = {}
    for column, text in ipairs(row) do
      padded[column] = text .. (" "):rep(widths[column] - vim.api.nvim_strwidth(text))
    end
    table.insert(lines, "| " .. table.concat(padded, " | ") .. " |")
  end
  local rule = vim.tbl_map(function(width)
    return ("-"):rep(width)
  end, widths)
  table.insert(lines, 2, "| " .. table.concat(rule, " | ") .. " |")
  return lines
end

---@param thinking any
---@return string
local function depth(thinking)
  if type(thinking) ~= "table" or thinking.mode == "off" then
    return "off"
  end
  local effort = type(thinking.effort) == "string" and thinking.effort or nil
  local budget = type(thinking.budgetTokens) == "number" and figures.count(thinking.budgetTokens) .. " tokens" or nil
  return budget or effort or tostring(thinking.mode)
end

---@param answer table
---@return string[]
function M.routes(answer)
  local rows = {}
  for _, route in ipairs(answer.routes or {}) do
    local why = type(route.reasons) == "table" and route.reasons.model or nil
    table.insert(rows, { route.action, route.model, depth(route.thinking), route.maxTokens, why })
  end
  local lines = { "# Ponder: routes", "" }
  table.insert(lines, ("Provider: %s. Models: %s."):format(cell(answer.provider), cell(answer.catalogue)))
  table.insert(lines, "")
  return vim.list_extend(lines, grid({ "action", "model", "thinking", "max tokens", "why this model" }, rows))
end

local COLUMNS = { "requests", "inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "thinkingTokens" }

---@param name string
---@param usage table
---@return any[]
local function usage_row(name, usage)
  local row = { name }
  for place, column in ipairs(COLUMNS) do
    row[place + 1] = usage[column]
  end
  row[#COLUMNS + 2] = type(usage.costUsd) == "number" and figures.money(usage.costUsd) or nil
  return row
end

---@param answer table
---@return string[]
function M.usage(answer)
  local lines = { "# Ponder: usage" }
  for _, part in ipairs({ { "byAction", "action" }, { "byModel", "model" }, { "byDay", "day" } }) do
    local rows = {}
    for name, usage in vim.spairs(answer[part[1]] or {}) do
      table.insert(rows, usage_row(name, usage))
    end
    if #rows > 0 then
      table.insert(lines, "")
      local names = { part[2], "requests", "in", "cached", "written", "out", "thinking", "cost" }
      vim.list_extend(lines, grid(names, rows))
    end
  end
  local totals = answer.totals or {}
  local cost = type(totals.costUsd) == "number" and figures.money(totals.costUsd) or "unknown"
  local saved = type(totals.savedUsd) == "number" and figures.money(totals.savedUsd) or "unknown"
  table.insert(lines, "")
  table.insert(lines, ("In all: %s requests, %s; caching saved %s."):format(cell(totals.requests), cost, saved))
  return lines
end

---@param answer table
---@return string[]
function M.context(answer)
  local rows, lines = {}, { "# Ponder: what of the workspace is told", "" }
  for _, segment in ipairs(answer.segments or {}) do
    table.insert(rows, { segment.kind, #(segment.files or {}), segment.bytes, segment.tokens })
  end
  vim.list_extend(lines, grid({ "segment", "files", "bytes", "tokens" }, rows))
  for _, segment in ipairs(answer.segments or {}) do
    vim.list_extend(lines, { "", "## " .. cell(segment.kind), "" })
    for _, file in ipairs(segment.files or {}) do
      table.insert(lines, "- " .. cell(type(file) == "table" and file.path or file))
    end
  end
  if #(answer.leftOut or {}) > 0 then
    vim.list_extend(lines, { "", "## Left out", "" })
    for _, left in ipairs(answer.leftOut) do
      table.insert(lines, ("- %s: %s"):format(cell(left.path), cell(left.reason)))
    end
  end
  return lines
end

--- The window of reports and transcripts in this tab page; one is used for all of them.
---@param buffer integer what it is to show
---@param height? integer of a new one
---@return integer
function M.window(buffer, height)
  local window
  for _, one in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local shown = vim.api.nvim_win_get_buf(one)
    if shown == buffer or vim.b[shown].ponder_report then
      window = one
    end
  end
  if not window then
    window = vim.api.nvim_open_win(buffer, true, { split = "below", height = height })
  end
  vim.b[buffer].ponder_report = true
  vim.api.nvim_win_set_buf(window, buffer)
  vim.api.nvim_set_current_win(window)
  vim.keymap.set("n", "q", vim.cmd.close, { buffer = buffer, nowait = true, desc = "Ponder: close" })
  return window
end

--- Show lines in the window of reports.
---@param name string
---@param lines string[]
function M.show(name, lines)
  local title = "ponder://" .. name
  local buffer = vim.fn.bufadd(title)
  vim.fn.bufload(buffer)
  vim.bo[buffer].buftype, vim.bo[buffer].bufhidden, vim.bo[buffer].swapfile = "nofile", "wipe", false
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable, vim.bo[buffer].filetype = false, "markdown"
  vim.wo[M.window(buffer, math.min(#lines + 1, 20))][0].wrap = false
end

--- Reports of a restored session have a name and no text: take them away.
function M.forget()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local name = vim.api.nvim_buf_get_name(buffer):match("ponder://(%a+)$")
    if name == "routes" or name == "usage" or name == "context" then
      vim.api.nvim_buf_delete(buffer, { force = true })
    end
  end
end

return M
