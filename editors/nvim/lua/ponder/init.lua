--- What a configuration calls. `setup` only merges; nothing starts before `vim.lsp.enable("ponder")`.

local M = {}

---@param options? table see `:help ponder-options`
function M.setup(options)
  require("ponder.config").setup(options)
end

--- `vim.lsp.enable("ponder")`, also where Neovim has no such function yet (0.10).
function M.enable()
  require("ponder.launch").enable()
end

--- A component for a status line; empty while there is nothing to say.
---@return string
function M.statusline()
  return require("ponder.status").line()
end

--- Run an action on the current buffer.
---@param action string
---@param options? { range?: integer[], instruction?: string }
function M.run(action, options)
  require("ponder.start").run(action, options or {})
end

return M
