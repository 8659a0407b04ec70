--- Events in, state out: everything the panel and the quickfix list show. No clock, no buffer, no window.
---
--- The state handed in is taken over: a stream of tens of thousands of deltas must not copy what it has so far.

local clean = require("ponder.clean")

local M = {}

--- Runs that are kept; the oldest that have ended go first.
M.KEPT = 50

---@return ponder.State
function M.new()
  return { order = {}, runs = {} }
end

---@param id string
---@return ponder.Run
local function new_run(id)
  return {
    id = id,
    seq = 0,
    status = "running",
    title = "Ponder",
    trigger = "command",
    blocks = {},
    findings = {},
    hunks = {},
    notices = {},
    version = 0,
  }
end

---@param state ponder.State
local function forget_oldest(state)
  for place, id in ipairs(state.order) do
    if #state.order <= M.KEPT then
      return
    end
    if state.runs[id].status ~= "running" then
      table.remove(state.order, place)
      state.runs[id] = nil
      return
    end
  end
end

---@param state ponder.State
---@param id string
---@return ponder.Run
local function run_of(state, id)
  local run = state.runs[id]
  if not run then
    run = new_run(id)
    state.runs[id] = run
    table.insert(state.order, id)
    forget_oldest(state)
  end
  return run
end

---@param run ponder.Run
---@param index integer
---@return ponder.Block?
local function block_of(run, index)
  -- Deltas go to one of the last blocks.
  for place = #run.blocks, 1, -1 do
    if run.blocks[place].index == index then
      return run.blocks[place]
    end
  end
end

---@param block ponder.Block
---@param text string
local function append(block, text)
  local start = 1
  while true do
    local stop = text:find("\n", start, true)
    if not stop then
      break
    end
    table.insert(block.tail, text:sub(start, stop - 1))
    table.insert(block.lines, table.concat(block.tail))
    block.tail = {}
    start = stop + 1
  end
  if start <= #text then
    table.insert(block.tail, text:sub(start))
  end
  block.version = block.version + 1
end

---@param value any
---@return any? nil for the null of JSON
local function known(value)
  if value == vim.NIL then
    return nil
  end
  return value
end

--- What each type of event does to its run. Types that are not here are of a newer server and change nothing.
---@type table<string, fun(run: ponder.Run, event: ponder.Event)>
local STEPS = {
  started = function(run, event)
    run.client = event.client
    run.action, run.title = event.action, clean.line(event.title)
    run.uri, run.range = known(event.uri), known(event.range)
    run.trigger, run.provider, run.model = event.trigger, event.provider, event.model
    run.thinking = known(event.thinking)
    run.parent, run.instruction = known(event.parentRunId), known(event.instruction)
  end,
  blockStarted = function(run, event)
    table.insert(run.blocks, {
      index = event.index,
      kind = event.kind,
      name = known(event.name),
      lines = {},
      tail = {},
      held = "",
      version = 0,
    })
    run.retrying = nil
  end,
  blockDelta = function(run, event)
    local block = block_of(run, event.index)
    if block then
      local text
      text, block.held = clean.piece(event.text, block.held)
      append(block, text)
    end
  end,
  blockFinished = function(run, event)
    local block = block_of(run, event.index)
    if block then
      block.durationMs = event.durationMs
      if block.held ~= "" then
        append(block, clean.text(block.held))
        block.held = ""
      end
      block.version = block.version + 1
    end
  end,
  finding = function(run, event)
    table.insert(run.findings, event.finding)
  end,
  edit = function(run, event)
    run.edit, run.applied, run.reason = event.edit, event.applied, known(event.reason)
    run.hunks = event.hunks or {}
    for _, hunk in ipairs(run.hunks) do
      hunk.state = event.applied and "applied" or "open"
    end
  end,
  usage = function(run, event)
    run.usage = event.usage
  end,
  retrying = function(run, event)
    local trouble = known(event.error) or {}
    run.retrying = ("Try %d in %.1f s: %s"):format(event.attempt, event.delayMs / 1000, clean.line(trouble.message))
  end,
  notice = function(run, event)
    table.insert(run.notices, clean.line(event.message))
  end,
  finished = function(run, event)
    run.status, run.durationMs = event.status, event.durationMs
    run.usage, run.error, run.retrying = known(event.usage) or run.usage, known(event.error), nil
  end,
  -- Those below are the editor's own: what became of a hunk, what undo made of it, and that the server is gone.
  ["local/applied"] = function(run, event)
    for _, hunk in ipairs(run.hunks) do
      local open = hunk.state ~= "applied" and hunk.state ~= "discarded"
      if hunk.number == event.hunk or event.hunk == nil and open then
        if hunk.state ~= "applied" then
          hunk.state = event.applied and "applied" or "refused"
          hunk.reason = known(event.reason)
        end
      end
    end
  end,
  ["local/discarded"] = function(run, event)
    for _, hunk in ipairs(run.hunks) do
      if (event.hunk == nil or hunk.number == event.hunk) and hunk.state ~= "applied" then
        hunk.state, hunk.reason = "discarded", nil
      end
    end
  end,
  ["local/standing"] = function(run, event)
    for _, hunk in ipairs(run.hunks) do
      local state = event.states[hunk.number]
      if state and state ~= hunk.state then
        hunk.state, hunk.reason = state, nil
      end
    end
    run.applied = vim.iter(run.hunks):all(function(hunk)
      return hunk.state == "applied"
    end)
    run.reason = nil
  end,
  ["local/lost"] = function(run, event)
    run.status, run.retrying = "failed", nil
    run.error = { kind = "internal", message = event.message, hint = event.hint }
  end,
}

--- What may still come after `finished`.
local AFTER_END = { ["local/applied"] = true, ["local/discarded"] = true, ["local/standing"] = true }

--- Take one event in.
---@param state ponder.State
---@param event ponder.Event
---@return ponder.State
---@return ponder.Run? run the run that changed
function M.reduce(state, event)
  local step = STEPS[event.type]
  if type(event.runId) ~= "string" then
    return state, nil
  end
  local run = run_of(state, event.runId)
  if run.status ~= "running" and not AFTER_END[event.type] then
    return state, nil
  end
  if event.seq then
    if event.seq > run.seq then
      table.insert(run.notices, "Some of this run did not arrive here; its transcript has all of it.")
      run.version = run.version + 1
    end
    run.seq = event.seq + 1
  end
  if not step then
    return state, nil
  end
  step(run, event)
  if event.type ~= "blockDelta" then
    run.version = run.version + 1
  end
  return state, run
end

--- The runs, oldest first.
---@param state ponder.State
---@return ponder.Run[]
function M.runs(state)
  return vim.tbl_map(function(id)
    return state.runs[id]
  end, state.order)
end

return M
