--- Times, tokens and money as people read them. A figure that is not known is left out, never guessed.

local M = {}

---@param number integer
---@return string with a comma at each thousand
function M.count(number)
  local digits = tostring(math.floor(number))
  local head = #digits % 3
  local groups = head > 0 and { digits:sub(1, head) } or {}
  for place = head + 1, #digits, 3 do
    table.insert(groups, digits:sub(place, place + 2))
  end
  return table.concat(groups, ",")
end

---@param milliseconds integer
---@return string
function M.duration(milliseconds)
  if milliseconds < 50 then
    return "under 0.1 s"
  end
  if milliseconds < 950 then
    return ("%.1f s"):format(milliseconds / 1000)
  end
  local seconds = math.floor(milliseconds / 1000 + 0.5)
  if seconds < 60 then
    return ("%d s"):format(seconds)
  end
  return ("%d min %d s"):format(math.floor(seconds / 60), seconds % 60)
end

---@param usd number
---@return string
function M.money(usd)
  return usd > 0 and usd < 0.01 and ("$%.4f"):format(usd) or ("$%.2f"):format(usd)
end

---@param usage ponder.Usage?
---@param field string
---@return number?
local function reading(usage, field)
  local value = usage and usage[field]
  return type(value) == "number" and value or nil
end

---@param run ponder.Run
---@return integer
local function thoughts(run)
  local found = 0
  for _, block in ipairs(run.blocks) do
    if block.kind == "thinking" or block.kind == "redactedThinking" then
      found = found + 1
    end
  end
  return found
end

--- The line above a block of thinking: "Thought for 12 s · 1,840 tokens".
---@param run ponder.Run
---@param block ponder.Block
---@return string
function M.thought(run, block)
  local redacted = block.kind == "redactedThinking"
  if not block.durationMs then
    if run.status ~= "running" then
      return redacted and "Thinking, withheld by the provider" or "Thinking, cut off"
    end
    return redacted and "Thinking, withheld by the provider …" or "Thinking …"
  end
  local parts = { "Thought for " .. M.duration(block.durationMs) }
  -- The endpoint counts thinking once for the whole answer: with several blocks the sum stands in the run's head.
  local tokens = reading(run.usage, "thinkingTokens")
  if tokens and tokens > 0 and thoughts(run) == 1 then
    table.insert(parts, M.count(tokens) .. " tokens")
  end
  if redacted then
    table.insert(parts, "withheld by the provider")
  end
  return table.concat(parts, " · ")
end

---@param thinking ponder.Thinking?
---@return string?
local function depth(thinking)
  if not thinking then
    return nil
  end
  if thinking.mode == "off" then
    return "no thinking"
  end
  if type(thinking.effort) == "string" then
    return "effort " .. thinking.effort
  end
  if type(thinking.budgetTokens) == "number" then
    return "thinks up to " .. M.count(thinking.budgetTokens) .. " tokens"
  end
end

--- The line below a run's title: how it stands, who answers, what it took.
---@param run ponder.Run
---@return string
function M.facts(run)
  local parts = { run.status }
  local function add(part)
    if part then
      table.insert(parts, part)
    end
  end
  add(run.durationMs and M.duration(run.durationMs))
  add(run.model and run.model ~= "" and run.model or nil)
  add(depth(run.thinking))
  for _, column in ipairs({ { "inputTokens", "in" }, { "cacheReadTokens", "cached" }, { "outputTokens", "out" } }) do
    local tokens = reading(run.usage, column[1])
    if tokens and (tokens > 0 or column[2] ~= "cached") then
      add(M.count(tokens) .. " " .. column[2])
    end
  end
  local thought = reading(run.usage, "thinkingTokens")
  add(thought and thought > 0 and thoughts(run) > 1 and M.count(thought) .. " thinking" or nil)
  local cost = reading(run.usage, "costUsd")
  add(cost and M.money(cost))
  return table.concat(parts, " · ")
end

--- Whether changes of a run wait for the user.
---@param run ponder.Run
---@return boolean
function M.waits(run)
  for _, hunk in ipairs(run.hunks) do
    if hunk.state ~= "applied" and hunk.state ~= "discarded" then
      return true
    end
  end
  return false
end

return M
