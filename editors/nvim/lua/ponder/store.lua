--- The one owner of the state. Hands events to the reducer and tells who listens; interprets nothing.

local reduce = require("ponder.reduce")

local M = {}

---@type ponder.State
local state = reduce.new()

---@type table<string, fun(run: ponder.Run, event: ponder.Event)>
local listeners = {}

--- Tell a listener of every change; a second one of the same name takes its place.
---@param name string
---@param listener fun(run: ponder.Run, event: ponder.Event)
function M.listen(name, listener)
  listeners[name] = listener
end

---@param event ponder.Event
function M.take(event)
  local run
  state, run = reduce.reduce(state, event)
  if not run then
    return
  end
  for name, listener in pairs(listeners) do
    local told, trouble = pcall(listener, run, event)
    if not told then
      vim.notify_once(("ponder: %s: %s"):format(name, trouble), vim.log.levels.ERROR)
    end
  end
end

---@return ponder.Run[] oldest first
function M.runs()
  return reduce.runs(state)
end

---@param id string?
---@return ponder.Run?
function M.run(id)
  return id and state.runs[id] or nil
end

--- The newest run that fulfils a condition. Reviews on save and hovers count only when `background` is true.
---@param wanted? fun(run: ponder.Run): boolean
---@param background? boolean
---@return ponder.Run?
function M.latest(wanted, background)
  local runs = M.runs()
  for place = #runs, 1, -1 do
    local run = runs[place]
    local shown = background or not M.is_background(run)
    if shown and (not wanted or wanted(run)) then
      return run
    end
  end
end

---@param run ponder.Run
---@return boolean
function M.is_background(run)
  return run.trigger == "save" or run.trigger == "hover"
end

--- The server is gone: no run that lives will ever say more.
---@param message string
---@param hint? string
function M.lost(message, hint)
  for _, run in ipairs(M.runs()) do
    if run.status == "running" then
      M.take({ type = "local/lost", runId = run.id, message = message, hint = hint })
    end
  end
end

return M
