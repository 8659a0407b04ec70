--- The server's state for a status line. Shows nothing by itself.

local clean = require("ponder.clean")

local M = {}

---@class ponder.Status
---@field busy boolean
---@field message string
---@field kind "Normal"|"Warning"|"Error"|"Inactive"

---@type ponder.Status
M.current = { busy = false, message = "", kind = "Inactive" }

--- For `ponder/status`. Tells others with the event `User PonderStatus`.
---@param status ponder.Status
function M.set(status)
  M.current = {
    busy = status.busy == true,
    message = clean.line(status.message),
    kind = status.kind or "Normal",
  }
  vim.api.nvim_exec_autocmds("User", { pattern = "PonderStatus", modeline = false, data = M.current })
  vim.cmd.redrawstatus({ bang = true })
end

local SIGN = { Normal = "", Warning = "! ", Error = "!! ", Inactive = "" }

--- A component: what Ponder does now; empty while it is idle or not there.
---@return string
function M.line()
  local status = M.current
  if status.kind == "Inactive" or (not status.busy and status.kind == "Normal") then
    return ""
  end
  local text = (status.busy and "● " or "") .. SIGN[status.kind] .. status.message
  return (text:gsub("%%", "%%%%"))
end

return M
