--- How the server is started, and started again. Asks for a key only with the command the user configured.

local config = require("ponder.config")
local protocol = require("ponder.protocol")

local M = {}

M.NAME = "ponder"

--- More ends than this within a minute, and the user has to look.
local MOST_RESTARTS = 3

---@type integer[] times of ends, in milliseconds
local ends = {}
---@type table<integer, boolean> clients that were told to go
local expected = {}
local started_by_hand = false
---@type string? kept in memory only
local key
---@type string? why there is none
M.key_trouble = nil

--- The folder a file belongs to: that of a marker, else its own, but never a whole home or disk.
---@param buffer integer
---@return string?
function M.root(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  local found = vim.fs.root(buffer, config.current.root_markers)
  if found then
    return found
  end
  local folder = vim.fs.dirname(vim.fs.normalize(name))
  local home = vim.fs.normalize("~")
  return folder ~= home and folder ~= "/" and folder ~= "" and folder or nil
end

---@param path string
---@return boolean
function M.is_transcript(path)
  return path:match("[/\\]transcripts[/\\][^/\\]+%.md$") ~= nil
end

--- Whether a buffer is a file of the user's: it has a path, and is no transcript of Ponder's own.
---@param buffer integer
---@return boolean
function M.is_file(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  local transcript = vim.b[buffer].ponder_transcript or M.is_transcript(name)
  return name ~= "" and vim.bo[buffer].buftype == "" and not name:match("^%a[%w+.-]+://") and not transcript
end

--- Whether the user asked for the server.
---@return boolean
function M.is_enabled()
  if vim.lsp.is_enabled then
    return vim.lsp.is_enabled(M.NAME)
  end
  -- The first versions of 0.11 cannot be asked.
  return vim.lsp.enable ~= nil or started_by_hand
end

--- Call back with the key, or nil after saying why there is none. Never waits.
---@param done fun(ready: boolean)
local function with_key(done)
  local command = config.current.key_cmd
  if key or not command then
    return done(true)
  end
  local function failed(why)
    M.key_trouble = why
    vim.notify_once(("Ponder was not started: `key_cmd` %s"):format(why), vim.log.levels.ERROR)
    done(false)
  end
  local started, trouble = pcall(vim.system, command, { text = true, timeout = 60000 }, function(result)
    vim.schedule(function()
      local printed = vim.trim(result.stdout or "")
      if result.code ~= 0 or printed == "" or printed:find("%s") then
        return failed(result.code ~= 0 and ("ended with %d"):format(result.code) or "printed no key")
      end
      key, M.key_trouble = printed, nil
      done(true)
    end)
  end)
  if not started then
    failed("could not be run: " .. tostring(trouble):gsub("\n.*", ""))
  end
end

--- For `root_dir`: calls `on_dir` when the server may start here.
---@param buffer integer
---@param on_dir fun(root?: string)
function M.root_dir(buffer, on_dir)
  if not M.is_file(buffer) then
    return
  end
  with_key(function(ready)
    if ready and vim.api.nvim_buf_is_valid(buffer) then
      on_dir(M.root(buffer))
    end
  end)
end

--- What the server gets besides the editor's own environment: the options, and the key.
---@return table<string, string>
function M.environment()
  local env = vim.deepcopy(config.current.env)
  if key then
    env.ANTHROPIC_API_KEY = key
  end
  return env
end

--- The same after asking `key_cmd`, where that was not done yet. Waits for it.
---@return table<string, string>
function M.environment_now()
  local asked = false
  with_key(function()
    asked = true
  end)
  vim.wait(60000, function()
    return asked
  end, 20)
  return M.environment()
end

--- For `cmd`: the configured command with the key in its environment.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@return vim.lsp.rpc.PublicClient
function M.connect(dispatchers)
  return vim.lsp.rpc.start(config.current.cmd, dispatchers, { env = M.environment() })
end

--- Why no server will start for a buffer; nil while one may.
---@param buffer integer
---@return string?
function M.hindrance(buffer)
  local command = config.current.cmd[1]
  if M.key_trouble then
    return ("the server was not started: `key_cmd` %s."):format(M.key_trouble)
  elseif vim.fn.executable(command) == 0 then
    return ("`%s` is not there; see `:checkhealth ponder`."):format(command)
  elseif #ends > MOST_RESTARTS then
    return "the server keeps ending; see `:checkhealth ponder`, then `:Ponder restart`."
  elseif not M.is_enabled() and vim.v.vim_did_enter == 1 then
    return 'the server is not enabled: `vim.lsp.enable("ponder")`.'
  elseif not M.is_file(buffer) then
    return "no server runs yet: open a file first."
  end
end

---@return table
function M.options()
  local settings = vim.deepcopy(config.current.settings)
  return { ponder = vim.tbl_extend("force", settings, { events = protocol.EVENTS }) }
end

--- Begin for every file that is open; the rest come by themselves.
function M.enable()
  if vim.lsp.enable then
    vim.lsp.enable(M.NAME)
    return
  end
  started_by_hand = true
  local function start(buffer)
    local kinds = config.current.filetypes
    local wanted = not kinds or vim.list_contains(kinds, vim.bo[buffer].filetype)
    if vim.bo[buffer].buftype == "" and vim.bo[buffer].filetype ~= "" and wanted then
      M.root_dir(buffer, function(root)
        local client = require("ponder.client").config()
        client.name, client.root_dir, client.filetypes = M.NAME, root, nil
        vim.lsp.start(client, { bufnr = buffer })
      end)
    end
  end
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("ponder.start", {}),
    callback = function(event)
      start(event.buf)
    end,
  })
  vim.iter(vim.api.nvim_list_bufs()):filter(vim.api.nvim_buf_is_loaded):each(start)
end

--- For `on_exit`: end what was alive, and begin again unless it ends all the time.
---@param code integer
---@param signal integer
---@param id integer
function M.ended(code, signal, id)
  local wanted = expected[id] or (code == 0 and signal == 0) or signal == 15 or vim.v.exiting ~= vim.NIL
  expected[id] = nil
  require("ponder.status").set({ busy = false, message = "Ponder: not running", kind = "Inactive" })
  local why = wanted and "The server was stopped." or "The server ended unexpectedly."
  require("ponder.store").lost(why, not wanted and "Start the run again; `:Ponder log` shows the log." or nil)
  if wanted then
    return
  end
  local now = vim.uv.now()
  ends = vim.tbl_filter(function(time)
    return now - time < 60000
  end, ends)
  table.insert(ends, now)
  if #ends > MOST_RESTARTS then
    local words = "The Ponder server keeps ending. See `:checkhealth ponder`, then `:Ponder restart`."
    vim.notify(words, vim.log.levels.ERROR)
    return
  end
  vim.defer_fn(M.enable, 200)
end

--- Stop the server and begin anew, with the key and the options of now.
function M.restart()
  key, ends = nil, {}
  local left = vim.lsp.get_clients({ name = M.NAME })
  for _, client in ipairs(left) do
    expected[client.id] = true
    vim.lsp.stop_client(client.id)
  end
  local timer = assert(vim.uv.new_timer())
  local tries = 0
  timer:start(
    50,
    50,
    vim.schedule_wrap(function()
      tries = tries + 1
      local alive = vim.lsp.get_clients({ name = M.NAME })
      if #alive > 0 and tries == 60 then
        vim.lsp.stop_client(alive, true)
      end
      if #alive == 0 and not timer:is_closing() then
        timer:close()
        M.enable()
      end
    end)
  )
end

return M
