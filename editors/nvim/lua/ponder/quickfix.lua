--- Findings as a quickfix list. Shows where they are now, not where they were.

local clean = require("ponder.clean")
local store = require("ponder.store")

local M = {}

local TYPE = { "E", "W", "I", "N" }

---@return vim.quickfix.entry[] of the diagnostics that Ponder shows now
local function shown()
  local found = vim.tbl_filter(function(one)
    return one.source == "ponder"
  end, vim.diagnostic.get())
  return vim.diagnostic.toqflist(found)
end

---@param run ponder.Run
---@return vim.quickfix.entry[]
function M.entries(run)
  local place_of = require("ponder.keys").place_of
  return vim.tbl_map(function(finding)
    local buffer, line, column = place_of(finding)
    return {
      bufnr = buffer,
      lnum = line,
      col = column + 1,
      type = TYPE[finding.severity] or "I",
      text = ("%s (%s)"):format(clean.line(finding.message), clean.line(finding.code)),
    }
  end, run.findings)
end

--- Fill the list with the findings of the latest run that has any, else with all that are shown, and open it.
function M.open()
  local run = store.latest(function(one)
    return #one.findings > 0
  end)
  local entries = run and M.entries(run) or shown()
  local title = run and run.title or "Ponder: findings"
  vim.fn.setqflist({}, " ", { title = title, items = entries })
  if #entries == 0 then
    vim.notify("Ponder: there are no findings.", vim.log.levels.INFO)
    return
  end
  vim.cmd("botright copen")
end

return M
