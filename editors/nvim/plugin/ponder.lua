--- `:Ponder`, the `<Plug>` maps and the colours. Loads only the table of names before it is used, and maps no key.

if vim.g.loaded_ponder then
  return
end
vim.g.loaded_ponder = true

vim.api.nvim_create_user_command("Ponder", function(command)
  require("ponder.commands").execute(command)
end, {
  nargs = "*",
  range = true,
  bang = true,
  desc = "Ponder: ask Claude about this code",
  complete = function(lead, line)
    return require("ponder.commands").complete(lead, line)
  end,
})

for _, name in ipairs(require("ponder.protocol").ACTIONS) do
  vim.keymap.set("n", ("<Plug>(ponder-%s)"):format(name), ("<Cmd>Ponder %s<CR>"):format(name))
  vim.keymap.set("x", ("<Plug>(ponder-%s)"):format(name), (":Ponder %s<CR>"):format(name), { silent = true })
end
for _, name in ipairs({ "panel", "cancel", "followup", "findings", "apply", "diff", "dismiss", "transcript" }) do
  vim.keymap.set("n", ("<Plug>(ponder-%s)"):format(name), ("<Cmd>Ponder %s<CR>"):format(name))
end

for name, link in pairs({
  PonderTitle = "Title",
  PonderMeta = "Comment",
  PonderRunning = "DiagnosticInfo",
  PonderDone = "DiagnosticOk",
  PonderFailed = "DiagnosticError",
  PonderThinkingTitle = "Special",
  PonderThinking = "Comment",
  PonderPlace = "Directory",
  PonderError = "DiagnosticError",
  PonderWarning = "DiagnosticWarn",
  PonderInformation = "DiagnosticInfo",
  PonderHint = "DiagnosticHint",
  PonderAdded = "DiffAdd",
  PonderRemoved = "DiffDelete",
}) do
  vim.api.nvim_set_hl(0, name, { link = link, default = true })
end

vim.api.nvim_create_autocmd("SessionLoadPost", {
  group = vim.api.nvim_create_augroup("ponder.session", {}),
  desc = "Ponder: a restored panel shows runs again",
  callback = function()
    require("ponder.panel").restore()
    require("ponder.report").forget()
  end,
})
