--- `:Ponder …`: a table of subcommands with their completion. Talks to the server only through the client.

local client = require("ponder.client")
local protocol = require("ponder.protocol")
local start = require("ponder.start")
local store = require("ponder.store")

local M = {}

---@class ponder.Call
---@field words string[] what stands after the subcommand
---@field text string the same as it was typed
---@field range? { [1]: integer, [2]: integer } lines from 1
---@field bang boolean

---@class ponder.Subcommand
---@field call fun(call: ponder.Call)
---@field complete? fun(): string[]

--- Say why nothing happens.
---@param words string
local function say(words)
  vim.notify("Ponder: " .. words, vim.log.levels.WARN)
end

---@param action string
---@return ponder.Subcommand
local function action_row(action)
  return {
    call = function(call)
      if action == "ask" and call.text == "" then
        vim.ui.input({ prompt = "Ask Ponder: " }, function(question)
          if question and question ~= "" then
            start.run(action, { range = call.range, instruction = question })
          end
        end)
        return
      end
      start.run(action, { range = call.range, instruction = call.text })
    end,
  }
end

--- Ask the next question of a run's conversation.
---@param run? ponder.Run the latest that ended, if absent
---@param text? string asked for, if absent
function M.follow_up(run, text)
  run = run or store.latest(function(one)
    return one.status ~= "running"
  end)
  if not run then
    vim.notify("Ponder: there is no run to follow up on.", vim.log.levels.INFO)
    return
  end
  local connection = client.of(run)
  if not connection then
    return
  end
  local function send(words)
    if words and words ~= "" then
      require("ponder.panel").started()
      client.command(connection, protocol.COMMAND.follow_up, { runId = run.id, text = words })
    end
  end
  if text and text ~= "" then
    send(text)
  else
    vim.ui.input({ prompt = "Follow up: " }, send)
  end
end

---@param name string
---@param command string
---@param argument fun(): table
---@return ponder.Subcommand
local function report_row(name, command, argument)
  return {
    call = function()
      local sent = argument()
      client.need(vim.api.nvim_get_current_buf(), function(connection)
        client.command(connection, command, sent, function(answer)
          local report = require("ponder.report")
          report.show(name, report[name](answer))
        end)
      end)
    end,
  }
end

---@param connection vim.lsp.Client
---@param run? ponder.Run
local function ask_transcript(connection, run)
  -- The server also asks for the file to be shown; it then stands in a window already.
  client.command(connection, protocol.COMMAND.transcript, { runId = run and run.id }, function(answer)
    local buffer = vim.uri_to_bufnr(answer.uri)
    vim.b[buffer].ponder_transcript = true
    require("ponder.report").window(buffer)
    vim.cmd("silent edit")
    vim.bo[buffer].readonly, vim.bo[buffer].modifiable = true, false
  end)
end

local function show_transcript()
  local run = store.latest()
  if run then
    local connection = client.of(run)
    if connection then
      ask_transcript(connection, run)
    end
  else
    client.need(vim.api.nvim_get_current_buf(), ask_transcript)
  end
end

---@param call ponder.Call
local function dismiss(call)
  local scope = call.words[1] or "finding"
  if not vim.list_contains(protocol.SCOPES, scope) then
    return say(("what is dismissed is %s, not `%s`."):format(table.concat(protocol.SCOPES, ", "), scope))
  end
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, found in ipairs(vim.diagnostic.get(0, { lnum = line })) do
    local id = vim.tbl_get(found, "user_data", "lsp", "data", "findingId")
    if id then
      client.need(vim.api.nvim_get_current_buf(), function(connection)
        client.command(connection, protocol.COMMAND.dismiss, { findingId = id, scope = scope })
      end)
      return
    end
  end
  vim.notify("Ponder: there is no finding on this line.", vim.log.levels.INFO)
end

---@param call ponder.Call
local function apply(call)
  local run = store.latest(require("ponder.figures").waits)
  if not run then
    vim.notify("Ponder: no change waits for you.", vim.log.levels.INFO)
    return
  end
  local connection = client.of(run)
  local number = tonumber(call.words[1])
  if connection then
    client.apply(connection, run.id, number and number - 1 or nil)
  end
end

---@return string[] numbers of the changes that wait
local function open_changes()
  local run = store.latest(require("ponder.figures").waits)
  local found = { "all" }
  for _, hunk in ipairs(run and run.hunks or {}) do
    if hunk.state == "open" then
      table.insert(found, tostring(hunk.number + 1))
    end
  end
  return found
end

---@type table<string, ponder.Subcommand>
M.ROWS = {
  cancel = {
    call = function()
      for _, connection in ipairs(vim.lsp.get_clients({ name = "ponder" })) do
        client.command(connection, protocol.COMMAND.cancel, {})
      end
    end,
  },
  panel = {
    call = function(call)
      local panel = require("ponder.panel")
      local act = { open = panel.open, close = panel.close, toggle = panel.toggle }
      local wanted = act[call.words[1] or "toggle"]
      if wanted then
        wanted(true)
      else
        say(("a panel is for open, close, toggle, not `%s`."):format(call.words[1]))
      end
    end,
    complete = function()
      return { "open", "close", "toggle" }
    end,
  },
  routes = report_row("routes", protocol.COMMAND.routes, function()
    return {}
  end),
  usage = report_row("usage", protocol.COMMAND.usage, function()
    return {}
  end),
  context = report_row("context", protocol.COMMAND.context, function()
    return { uri = vim.uri_from_bufnr(0) }
  end),
  transcript = { call = show_transcript },
  followup = {
    call = function(call)
      M.follow_up(nil, call.text)
    end,
  },
  run = {
    call = function(call)
      local action = call.words[1]
      if not action then
        return say("`:Ponder run` needs the name of an action: " .. table.concat(start.actions(), ", ") .. ".")
      end
      start.run(action, { range = call.range, instruction = vim.trim(call.text:sub(#action + 1)) })
    end,
    complete = function()
      return start.actions()
    end,
  },
  workspace = {
    call = function(call)
      if call.text ~= "" and call.text ~= "batch" then
        return say(("`:Ponder workspace` takes `batch` or nothing, not `%s`; nothing was started."):format(call.text))
      end
      client.need(vim.api.nvim_get_current_buf(), function(connection)
        require("ponder.panel").started()
        client.command(connection, protocol.COMMAND.review_workspace, { batch = call.text == "batch" })
      end)
    end,
    complete = function()
      return { "batch" }
    end,
  },
  findings = {
    call = function()
      require("ponder.quickfix").open()
    end,
  },
  apply = { call = apply, complete = open_changes },
  diff = {
    call = function()
      require("ponder.diff").open(store.latest(require("ponder.figures").waits))
    end,
  },
  dismiss = {
    call = dismiss,
    complete = function()
      return protocol.SCOPES
    end,
  },
  restart = {
    call = function()
      require("ponder.launch").restart()
    end,
  },
  log = {
    call = function()
      vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.get_log_path()))
    end,
  },
}

for _, action in ipairs(protocol.ACTIONS) do
  M.ROWS[action] = action_row(action)
end

--- Carry out `:Ponder`.
---@param command vim.api.keyset.create_user_command.command_args
function M.execute(command)
  local name = command.fargs[1] or "panel"
  local row = M.ROWS[name]
  if not row then
    vim.notify(("Ponder: there is no `:Ponder %s`."):format(name), vim.log.levels.ERROR)
    return
  end
  row.call({
    words = vim.list_slice(command.fargs, 2),
    text = vim.trim(vim.trim(command.args):sub(#name + 1)),
    range = command.range > 0 and { command.line1, command.line2 } or nil,
    bang = command.bang,
  })
end

--- Complete `:Ponder`.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = line:gsub("^.-Ponder!?%s*", ""):sub(1, -#lead - 1)
  local name = vim.trim(before)
  local words = vim.tbl_keys(M.ROWS)
  if name ~= "" then
    local row = M.ROWS[name]
    words = row and row.complete and row.complete() or {}
  end
  words = vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, words)
  table.sort(words)
  return words
end

return M
