--- The connection to the server: what it sends goes to the store, what the user wants goes out as commands.

local clean = require("ponder.clean")
local config = require("ponder.config")
local hunks = require("ponder.hunks")
local launch = require("ponder.launch")
local protocol = require("ponder.protocol")
local status = require("ponder.status")
local store = require("ponder.store")
local undo = require("ponder.undo")

local M = {}

--- How long commands wait for a server that starts.
M.longest_start_ms = 20000

local NEW = vim.fn.has("nvim-0.11") == 1

--- The client of a buffer, else any.
---@param buffer? integer
---@return vim.lsp.Client?
function M.get(buffer)
  if buffer then
    local here = vim.lsp.get_clients({ name = launch.NAME, bufnr = buffer })
    if here[1] then
      return here[1]
    end
  end
  return vim.lsp.get_clients({ name = launch.NAME })[1]
end

---@param words string
---@param level? integer
local function say(words, level)
  vim.notify("Ponder: " .. clean.line(words), level or vim.log.levels.WARN)
end

--- Call back with the client, as soon as its server has started; where none will, say why.
---@param buffer integer
---@param done fun(client: vim.lsp.Client)
function M.need(buffer, done)
  local client = M.get(buffer)
  if client then
    return done(client)
  end
  local trouble = launch.hindrance(buffer)
  if trouble then
    return say(trouble)
  end
  vim.api.nvim_echo({ { "Ponder: the server is starting …" } }, false, {})
  local timer = assert(vim.uv.new_timer())
  local began = vim.uv.now()
  local function look()
    local found = M.get(buffer)
    local hindered = not found and launch.hindrance(buffer)
    local late = vim.uv.now() - began > M.longest_start_ms
    if (found or hindered or late) and not timer:is_closing() then
      timer:close()
      vim.api.nvim_echo({ { "" } }, false, {})
      if found then
        done(found)
      else
        say(hindered or "the server does not start; `:checkhealth ponder` says why.")
      end
    end
  end
  timer:start(20, 20, vim.schedule_wrap(look))
end

--- The client a run lives in, or nil after saying that it is gone.
---@param run ponder.Run
---@return vim.lsp.Client?
function M.of(run)
  local client = run.client and vim.lsp.get_client_by_id(run.client)
  if not client then
    say("the server of this run is gone; start the run again.")
  end
  return client
end

--- Run a command of the server. The answer comes later; an error is told to the user.
---@param client vim.lsp.Client
---@param command string
---@param argument table
---@param done? fun(answer: any)
---@param buffer? integer
function M.command(client, command, argument, done, buffer)
  local provider = client.server_capabilities.executeCommandProvider or {}
  if not vim.list_contains(provider.commands or {}, command) then
    say(("this server has no `%s`; it may be older than the plugin."):format(command))
    return
  end
  local sent = next(argument) and argument or vim.empty_dict()
  local params = { command = command, arguments = { sent } }
  local function answered(trouble, answer)
    if trouble then
      say(trouble.message)
    elseif done then
      done(answer)
    end
  end
  if NEW then
    client:request("workspace/executeCommand", params, answered, buffer)
  else
    client.request("workspace/executeCommand", params, answered, buffer)
  end
end

---@type table<integer, { action: string }[]> by client
local routes = {}

--- The rows of `ponder.routes`, for completion: the first time it waits a moment, then it has those of the last time.
---@param buffer integer
---@return { action: string }[]
function M.routes(buffer)
  local client = M.get(buffer)
  if not client then
    return {}
  end
  M.command(client, protocol.COMMAND.routes, {}, function(answer)
    routes[client.id] = answer.routes
  end)
  vim.wait(routes[client.id] and 0 or 3000, function()
    return routes[client.id] ~= nil
  end, 10)
  return routes[client.id] or {}
end

--- The text of a document as it is now, as lines. A file that is not open is not opened: that may ask the user things.
---@param uri string
---@return string[]
local function lines_of(uri)
  local path = vim.uri_to_fname(uri)
  local buffer = vim.fn.bufnr(path)
  if buffer ~= -1 and vim.api.nvim_buf_is_loaded(buffer) then
    return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  end
  local read, lines = pcall(vim.fn.readfile, path)
  return read and lines or {}
end

--- Start a run. With `edits = "panel"` its edit waits in the panel.
---@param client vim.lsp.Client
---@param argument table of `ponder.run`
---@param done? fun(run_id: string)
function M.run(client, argument, done)
  if config.current.edits == "panel" and argument.apply == nil then
    argument.apply = false
  end
  require("ponder.panel").started()
  M.command(client, protocol.COMMAND.run, argument, function(answer)
    if done and type(answer) == "table" then
      done(answer.runId)
    end
  end)
end

--- What became of a change, and of those that the server decided along with it.
---@param kind string
---@param run_id string
---@param hunk? integer
---@param answer table
local function decided(kind, run_id, hunk, answer)
  for _, number in ipairs(answer.hunks or { hunk or false }) do
    store.take({
      type = kind,
      runId = run_id,
      hunk = number or nil,
      applied = answer.applied,
      reason = answer.reason,
    })
  end
  local run = store.run(run_id)
  if run and answer.applied then
    undo.remember(run)
  end
end

--- Leave what a run proposes, or one change of it (from 0): it is not offered any more.
---@param client vim.lsp.Client
---@param run_id string
---@param hunk? integer
function M.discard(client, run_id, hunk)
  M.command(client, protocol.COMMAND.discard, { runId = run_id, hunk = hunk }, function(answer)
    decided("local/discarded", run_id, hunk, answer)
  end)
end

--- Apply what a run proposes, or one change of it (from 0).
---@param client vim.lsp.Client
---@param run_id string
---@param hunk? integer
---@param done? fun(applied: boolean)
function M.apply(client, run_id, hunk, done)
  M.command(client, protocol.COMMAND.apply, { runId = run_id, hunk = hunk }, function(answer)
    decided("local/applied", run_id, hunk, answer)
    if not answer.applied and answer.reason then
      say(answer.reason)
    end
    if done then
      done(answer.applied)
    end
  end)
end

--- What the server sends, by method.
---@type table<string, lsp.Handler>
local HANDLERS = {
  [protocol.EVENT] = function(_, event, context)
    if event.type == "edit" and type(event.edit) == "table" then
      local client = vim.lsp.get_client_by_id(context.client_id)
      -- That it waits in the panel is what was asked for, and no reason to tell.
      event.reason = config.current.edits ~= "panel" and event.reason or nil
      event.hunks = hunks.of(event.edit, lines_of, client and client.offset_encoding or "utf-16")
    end
    event.client = context.client_id
    store.take(event)
    local run = event.type == "edit" and event.applied and store.run(event.runId)
    if run then
      undo.remember(run)
    end
  end,
  [protocol.STATUS] = function(_, sent)
    status.set(sent)
  end,
  ["workspace/applyEdit"] = function(_, params, context)
    local client = assert(vim.lsp.get_client_by_id(context.client_id))
    for _, change in ipairs(params.edit.documentChanges or {}) do
      local version = change.textDocument and change.textDocument.version
      local buffer = change.textDocument and vim.uri_to_bufnr(change.textDocument.uri)
      local now = buffer and vim.lsp.util.buf_versions[buffer]
      if type(version) == "number" and now and now > version then
        return { applied = false, failureReason = "The text changed while the edit was on its way." }
      end
    end
    local before = undo.texts(params.edit)
    local done, trouble = pcall(vim.lsp.util.apply_workspace_edit, params.edit, client.offset_encoding)
    undo.applied(before)
    return { applied = done, failureReason = not done and clean.line(trouble) or nil }
  end,
  ["window/showDocument"] = function(trouble, params, context)
    local path = params.uri:match("^file:") and vim.uri_to_fname(params.uri)
    if path and launch.is_transcript(path) then
      require("ponder.report").window(vim.fn.bufadd(path))
      return { success = true }
    end
    return vim.lsp.handlers["window/showDocument"](trouble, params, context)
  end,
  ["window/showMessage"] = function(_, params)
    local words = clean.text(params.message)
    if params.type <= vim.lsp.protocol.MessageType.Warning then
      vim.notify(words, params.type == 1 and vim.log.levels.ERROR or vim.log.levels.WARN)
    else
      vim.api.nvim_echo({ { "Ponder: " .. words } }, true, {})
    end
  end,
}

--- What the light bulb runs, where the panel has something to add.
---@type table<string, fun(command: lsp.Command, context: table)>
local COMMANDS = {
  [protocol.COMMAND.run] = function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    if client then
      M.run(client, command.arguments[1])
    end
  end,
  [protocol.COMMAND.apply] = function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    if client then
      local argument = command.arguments[1]
      M.apply(client, argument.runId, argument.hunk)
    end
  end,
  [protocol.COMMAND.discard] = function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    if client then
      local argument = command.arguments[1]
      M.discard(client, argument.runId, argument.hunk)
    end
  end,
}

--- The configuration of `vim.lsp`. Everything of the user's is read when the server starts, not here.
---@return vim.lsp.Config
function M.config()
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  -- Neovim applies these but does not say so; with them an edit carries the version it is meant for.
  capabilities.workspace.workspaceEdit.documentChanges = true
  capabilities.experimental = { ponder = { events = protocol.EVENTS } }
  return {
    cmd = launch.connect,
    root_dir = launch.root_dir,
    filetypes = config.current.filetypes,
    capabilities = capabilities,
    handlers = HANDLERS,
    commands = COMMANDS,
    before_init = function(params)
      params.initializationOptions = launch.options()
    end,
    on_init = function(client)
      client.settings = { ponder = config.current.settings }
    end,
    on_exit = function(code, signal, id)
      vim.schedule(function()
        launch.ended(code, signal, id)
      end)
    end,
  }
end

return M
