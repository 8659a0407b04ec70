--- Bytes of a line ↔ units of the negotiated position encoding. The only place that counts UTF-16.

local M = {}

local NEW = vim.fn.has("nvim-0.11") == 1

---@param line string
---@param units integer
---@param encoding string
---@return integer byte
function M.to_byte(line, units, encoding)
  if encoding == "utf-8" then
    return math.min(units, #line)
  end
  local known, byte
  if NEW then
    known, byte = pcall(vim.str_byteindex, line, encoding, units, false)
  else
    known, byte = pcall(vim.str_byteindex, line, units, encoding == "utf-16")
  end
  return known and byte or #line
end

---@param line string
---@param byte integer
---@param encoding string
---@return integer units
function M.to_units(line, byte, encoding)
  byte = math.min(byte, #line)
  if encoding == "utf-8" then
    return byte
  end
  if NEW then
    return vim.str_utfindex(line, encoding, byte, false)
  end
  local points, units = vim.str_utfindex(line, byte)
  return encoding == "utf-16" and units or points
end

--- Whole lines of a buffer as a range.
---@param buffer integer
---@param first integer from 1
---@param last integer from 1
---@param encoding string
---@return lsp.Range
function M.lines(buffer, first, last, encoding)
  local line = vim.api.nvim_buf_get_lines(buffer, last - 1, last, false)[1] or ""
  return {
    start = { line = first - 1, character = 0 },
    ["end"] = { line = last - 1, character = M.to_units(line, #line, encoding) },
  }
end

return M
