--- What the user chose. Reads no file of the workspace: a project can set neither a command nor a key.

local M = {}

---@class ponder.Config
---@field cmd string[] the server; `ponder` must be on the PATH, or give its whole path
---@field env table<string, string> added to the server's environment
---@field key_cmd? string[] prints the API key; without it the server's environment has to have one
---@field filetypes? string[] kinds of files; nil for all
---@field root_markers string[]
---@field edits "panel"|"server" offer edits in the panel, or let the setting `edits.apply` decide
---@field panel ponder.PanelConfig
---@field settings table the keys of ponder.toml in camelCase

---@class ponder.PanelConfig
---@field position "right"|"left"|"bottom"
---@field size number lines or columns; a share of the editor's below 1
---@field open boolean open the panel when you start a run
---@field background boolean also show reviews on save and hovers
---@field fold_thinking boolean fold thoughts when they end
---@field frame_ms integer shortest time between two drawings

---@type ponder.Config
local DEFAULTS = {
  cmd = { "ponder", "serve" },
  env = {},
  key_cmd = nil,
  filetypes = nil,
  root_markers = { ".git", "ponder.toml", ".jj", ".hg" },
  edits = "panel",
  panel = {
    position = "right",
    size = 0.42,
    open = true,
    background = false,
    fold_thinking = true,
    frame_ms = 33,
  },
  settings = {},
}

--- Type, or the words that are allowed, of each key.
local KINDS = {
  cmd = "list",
  env = "table",
  key_cmd = "list",
  filetypes = "list",
  root_markers = "list",
  edits = { "panel", "server" },
  panel = "table",
  settings = "table",
  ["panel.position"] = { "right", "left", "bottom" },
  ["panel.size"] = "number",
  ["panel.open"] = "boolean",
  ["panel.background"] = "boolean",
  ["panel.fold_thinking"] = "boolean",
  ["panel.frame_ms"] = "number",
}

---@type ponder.Config
M.current = vim.deepcopy(DEFAULTS)

--- What was wrong with the calls of `setup`, one sentence each; `:checkhealth ponder` shows them.
---@type string[]
M.problems = {}

---@param kind string|string[]
---@param value any
---@return boolean
local function fits(kind, value)
  if type(kind) == "table" then
    return vim.list_contains(kind, value)
  end
  if kind == "list" then
    return vim.islist(value) and #value > 0
  end
  return type(value) == kind
end

---@param kind string|string[]
---@return string
local function expected(kind)
  return type(kind) == "table" and "one of " .. table.concat(kind, ", ") or "a " .. kind
end

--- Take the good keys of a table; note the others.
---@param sent table
---@param prefix string
---@return table
local function read(sent, prefix)
  local taken = {}
  for key, value in pairs(sent) do
    local path = prefix .. tostring(key)
    local kind = KINDS[path]
    if not kind then
      table.insert(M.problems, ("`%s` is no option of ponder.nvim; it is ignored"):format(path))
    elseif not fits(kind, value) then
      table.insert(M.problems, ("`%s` must be %s; it stays as it was"):format(path, expected(kind)))
    elseif path == "panel" then
      taken[key] = read(value, "panel.")
    else
      taken[key] = value
    end
  end
  return taken
end

--- Merge options over the defaults and what earlier calls set; a list takes the place of a list. Starts nothing.
---@param options? table
function M.setup(options)
  M.current = vim.tbl_deep_extend("force", M.current, read(options or {}, ""))
  table.sort(M.problems)
  M.problems = vim.fn.uniq(M.problems)
end

--- The defaults, for the documentation.
---@return ponder.Config
function M.defaults()
  return vim.deepcopy(DEFAULTS)
end

return M
