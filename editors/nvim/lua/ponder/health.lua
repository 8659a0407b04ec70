--- `:checkhealth ponder`: what works and what is missing. Changes nothing.

local config = require("ponder.config")
local launch = require("ponder.launch")

local M = {}

local function check_editor()
  vim.health.start("Neovim")
  if vim.fn.has("nvim-0.10") == 1 then
    vim.health.ok("version " .. tostring(vim.version()))
  else
    vim.health.error("Neovim 0.10 or newer is needed")
  end
  for _, problem in ipairs(config.problems) do
    vim.health.warn("setup: " .. problem)
  end
  if not launch.is_enabled() then
    vim.health.warn("the server is not enabled", 'add `vim.lsp.enable("ponder")` to your init.lua')
  end
end

---@return boolean usable
local function check_command()
  vim.health.start("Server")
  local command = config.current.cmd[1]
  if vim.fn.executable(command) == 0 then
    vim.health.error(("`%s` is not there"):format(command), {
      "`pipx install` the folder of Ponder's repository (its README says how)",
      'or `require("ponder").setup({ cmd = { "/path/to/ponder", "serve" } })`',
    })
    return false
  end
  vim.health.ok(vim.fn.exepath(command))
  if launch.key_trouble then
    vim.health.error("`key_cmd` " .. launch.key_trouble)
  elseif config.current.key_cmd then
    vim.health.ok("the key comes from `key_cmd`")
  end
  return true
end

--- What `ponder doctor` says, in the environment the server gets.
local function check_doctor()
  vim.health.start("ponder doctor")
  local command = vim.list_extend({}, config.current.cmd)
  if command[#command] == "serve" then
    table.remove(command)
  end
  vim.list_extend(command, { "doctor", "--json" })
  local asked, process = pcall(vim.system, command, { text = true, env = launch.environment_now() })
  local result = asked and process:wait(15000) or {}
  local read, answer = pcall(vim.json.decode, result.stdout or "")
  if not read or type(answer) ~= "table" then
    vim.health.error("it gave no answer", "run `ponder doctor` in a terminal")
    return
  end
  local report = { ok = vim.health.ok, note = vim.health.info, warning = vim.health.warn }
  for _, check in ipairs(answer.checks or {}) do
    local line = ("%s: %s"):format(check.name, check.detail)
    local tell = report[check.state]
    if tell then
      tell(check.mend and ("%s (%s)"):format(line, check.mend) or line)
    else
      vim.health.error(line, check.mend)
    end
  end
end

local function check_connection()
  vim.health.start("Connection")
  local clients = vim.lsp.get_clients({ name = launch.NAME })
  if #clients == 0 then
    vim.health.warn("no server runs now", "open a file; `:Ponder log` has what it said last")
  end
  for _, client in ipairs(clients) do
    local known = vim.tbl_get(client.server_capabilities, "experimental", "ponder", "events")
    local files = vim.tbl_count(client.attached_buffers)
    vim.health.ok(("client %d for %s, %d files"):format(client.id, client.root_dir or "single files", files))
    if known then
      vim.health.ok(("live events, version %s"):format(known))
    else
      vim.health.warn("this server has no live events; the panel stays empty", "update the server")
    end
  end
end

function M.check()
  check_editor()
  if check_command() then
    check_doctor()
  end
  check_connection()
end

return M
