--- A proposed edit as single changes, with the lines before and after. Reads texts only through what it is given.

local columns = require("ponder.columns")

local M = {}

--- The whole lines a change replaces, and what stands there afterwards; equal lines at both ends are left out.
---@param lines string[] the text the change is meant for
---@param change lsp.TextEdit
---@param encoding string
---@return integer line, string[] old, string[] new
local function whole_lines(lines, change, encoding)
  local from, to = change.range.start, change.range["end"]
  local first, last = lines[from.line + 1] or "", lines[to.line + 1] or ""
  local before = first:sub(1, columns.to_byte(first, from.character, encoding))
  local after = last:sub(columns.to_byte(last, to.character, encoding) + 1)
  local old = vim.list_slice(lines, from.line + 1, math.min(to.line + 1, #lines))
  local new = vim.split(before .. change.newText:gsub("\r\n", "\n") .. after, "\n", { plain = true })
  local line = from.line
  while #old > 0 and #new > 0 and old[1] == new[1] do
    table.remove(old, 1)
    table.remove(new, 1)
    line = line + 1
  end
  while #old > 0 and #new > 0 and old[#old] == new[#new] do
    table.remove(old)
    table.remove(new)
  end
  return line, old, new
end

--- The changes of an edit in the order `ponder.apply` counts them.
---@param edit lsp.WorkspaceEdit with `documentChanges`
---@param lines_of fun(uri: string): string[] the text as it is now
---@param encoding string
---@return ponder.Hunk[]
function M.of(edit, lines_of, encoding)
  local found, created = {}, {}
  for _, file in ipairs(edit.documentChanges or {}) do
    if file.kind == "create" then
      created[file.uri] = true
    elseif file.edits then
      local uri = file.textDocument.uri
      local lines = created[uri] and {} or lines_of(uri)
      for _, change in ipairs(file.edits) do
        local line, old, new = whole_lines(lines, change, encoding)
        table.insert(found, {
          number = #found,
          uri = uri,
          line = line,
          old = old,
          new = new,
          created = created[uri] or false,
          state = "open",
        })
      end
    end
  end
  return found
end

return M
