--- A run as sections of text with marks and targets. Draws nothing and knows no buffer.

local clean = require("ponder.clean")
local figures = require("ponder.figures")

local M = {}

local SIGN = { "E", "W", "I", "H" }
local GROUP = {
  "PonderError",
  "PonderWarning",
  "PonderInformation",
  "PonderHint",
}
--- Letters of a question that stand in a run's title.
local LONGEST_QUESTION = 60
local STATUS_GROUP = { done = "PonderDone", running = "PonderRunning" }

--- The last part of a path, for people.
---@param uri string
---@return string
local function name_of(uri)
  return clean.line(vim.fn.fnamemodify(vim.uri_to_fname(uri), ":t"))
end

--- A section whose lines are drawn anew whenever its version changes.
---@param key string
---@param version string
---@param lines string[]
---@param marks ponder.Mark[]
---@param targets? table<integer, ponder.Target>
---@return ponder.Section
local function plain(key, version, lines, marks, targets)
  return {
    key = key,
    version = version,
    complete = 0,
    lines = function()
      return lines
    end,
    marks = marks,
    targets = targets or {},
  }
end

--- Hides the sign of a Markdown heading.
---@param line integer
---@param sign string
---@return ponder.Mark
local function hidden(line, sign)
  return { line = line, from = 0, to = #sign, hidden = true }
end

--- An empty line.
---@param run ponder.Run
---@param name string
---@return ponder.Section
local function gap(run, name)
  return plain(("%s/gap/%s"):format(run.id, name), "0", { "" }, {})
end

---@param run ponder.Run
---@return ponder.Section
local function head(run)
  local place = run.uri and (" · " .. name_of(run.uri)) or ""
  if run.uri and run.range then
    place = place .. (":%d"):format(run.range.start.line + 1)
  end
  if run.instruction then
    local words = clean.line(run.instruction)
    local short = vim.fn.strcharpart(words, 0, LONGEST_QUESTION)
    place = ("%s · “%s%s”"):format(place, short, short == words and "" or "…")
  end
  local sign = run.parent and "# ↳ " or "# "
  local group = STATUS_GROUP[run.status] or "PonderFailed"
  local marks = { { line = 0, group = "PonderTitle" }, { line = 1, group = group }, hidden(0, "# ") }
  local section =
    plain(run.id .. "/head", tostring(run.version), { sign .. run.title .. place, figures.facts(run) }, marks)
  section.head = true
  return section
end

--- The last line of a block that still grows; its pieces become one.
---@param block ponder.Block
---@return string
local function tail_of(block)
  if #block.tail > 1 then
    block.tail = { table.concat(block.tail) }
  end
  return block.tail[1] or ""
end

--- The text of a block. Complete lines never change again, so only what is new is asked for.
---@param run ponder.Run
---@param block ponder.Block
---@param prefix string
---@return ponder.Section
local function body(run, block, prefix)
  return {
    key = ("%s/block/%d"):format(run.id, block.index),
    version = tostring(block.version),
    complete = #block.lines,
    lines = function(from)
      local lines = {}
      for place = from + 1, #block.lines do
        local line = block.lines[place]
        table.insert(lines, line == "" and vim.trim(prefix) or prefix .. line)
      end
      local tail = tail_of(block)
      if tail ~= "" then
        table.insert(lines, prefix .. tail)
      end
      return lines
    end,
    marks = {},
    targets = {},
  }
end

--- A title that changes when the block ends, and the thoughts below it, which fold under the title.
---@param run ponder.Run
---@param block ponder.Block
---@param options { fold_thinking: boolean }
---@return ponder.Section title, ponder.Section thoughts
local function thinking(run, block, options)
  local title = plain(
    ("%s/thinking/%d"):format(run.id, block.index),
    ("%d/%s"):format(run.version, tostring(block.durationMs)),
    { figures.thought(run, block) },
    { { line = 0, group = "PonderThinkingTitle" } }
  )
  local thoughts = body(run, block, "> ")
  thoughts.group = "PonderThinking"
  thoughts.fold = block.durationMs ~= nil or run.status ~= "running"
  thoughts.closed = options.fold_thinking
  return title, thoughts
end

---@param run ponder.Run
---@return ponder.Section
local function findings(run)
  local lines, targets = { "## Findings" }, {}
  local marks = { { line = 0, group = "PonderTitle" }, hidden(0, "## ") }
  for _, finding in ipairs(run.findings) do
    local place = ("%s:%d"):format(name_of(finding.uri), finding.range.start.line + 1)
    local sign = SIGN[finding.severity] or "I"
    local shown = ("%s %s %s (%s)"):format(sign, place, clean.line(finding.message), clean.line(finding.code))
    table.insert(lines, shown)
    local line = #lines - 1
    table.insert(marks, { line = line, from = 0, to = 1, group = GROUP[finding.severity] or GROUP[3] })
    table.insert(marks, { line = line, from = 2, to = 2 + #place, group = "PonderPlace" })
    targets[#lines] = { kind = "finding", finding = finding }
  end
  return plain(run.id .. "/findings", tostring(#run.findings), lines, marks, targets)
end

---@param run ponder.Run
---@param hunk ponder.Hunk
---@return ponder.Section
local function change(run, hunk)
  local place = ("%s:%d"):format(name_of(hunk.uri), hunk.line + 1)
  local state = hunk.state == "open" and "" or " · " .. hunk.state
  local reason = hunk.reason and (": " .. clean.line(hunk.reason)) or ""
  local lines = { ("## Change %d of %d · %s%s%s"):format(hunk.number + 1, #run.hunks, place, state, reason) }
  local title = hunk.state == "open" and "PonderTitle" or "PonderMeta"
  local marks = { { line = 0, group = title }, hidden(0, "## ") }
  for _, side in ipairs({ { hunk.old, "- ", "PonderRemoved" }, { hunk.new, "+ ", "PonderAdded" } }) do
    for _, line in ipairs(side[1]) do
      table.insert(lines, side[2] .. clean.text(line))
      table.insert(marks, { line = #lines - 1, group = side[3] })
    end
  end
  local targets = {}
  for line = 1, #lines do
    targets[line] = { kind = "hunk", hunk = hunk }
  end
  return plain(("%s/change/%d"):format(run.id, hunk.number), hunk.state .. reason, lines, marks, targets)
end

---@param run ponder.Run
---@return ponder.Section
local function foot(run)
  local lines, marks = {}, {}
  local function say(words, group)
    table.insert(lines, words)
    table.insert(marks, { line = #lines - 1, group = group })
  end
  if figures.waits(run) then
    say("`a` applies the change under the cursor, `A` all of them, `d` shows the difference.", "PonderMeta")
  end
  if run.edit and not run.applied and run.reason then
    say(clean.line(run.reason), "PonderWarning")
  end
  for _, notice in ipairs(run.notices) do
    say("Note: " .. notice, "PonderMeta")
  end
  if run.retrying then
    say(run.retrying, "PonderWarning")
  end
  if run.error then
    say(clean.line(run.error.message), "PonderError")
    local hint = type(run.error.hint) == "string" and clean.line(run.error.hint) or ""
    if hint ~= "" then
      say(hint, "PonderMeta")
    end
  end
  if #lines > 0 then
    table.insert(lines, 1, "")
    for _, mark in ipairs(marks) do
      mark.line = mark.line + 1
    end
  end
  table.insert(lines, "")
  return plain(run.id .. "/foot", tostring(run.version), lines, marks)
end

--- The sections of one block of an answer.
---@param run ponder.Run
---@param block ponder.Block
---@param options { fold_thinking: boolean }
---@return ponder.Section[]
local function block_sections(run, block, options)
  if block.kind == "thinking" or block.kind == "redactedThinking" then
    return { thinking(run, block, options) }
  end
  if block.kind == "tool" then
    local name = ("%s/tool/%d"):format(run.id, block.index)
    return { plain(name, "0", { "Tool " .. clean.line(block.name) }, { { line = 0, group = "PonderMeta" } }) }
  end
  return { body(run, block, "") }
end

--- The sections of one run, from top to bottom, with an empty line between its parts.
---@param run ponder.Run
---@param options { fold_thinking: boolean }
---@return ponder.Section[]
function M.run(run, options)
  local sections = { head(run) }
  local function add(name, part)
    table.insert(sections, gap(run, name))
    vim.list_extend(sections, part)
  end
  for _, block in ipairs(run.blocks) do
    add("block/" .. block.index, block_sections(run, block, options))
  end
  if #run.findings > 0 then
    add("findings", { findings(run) })
  end
  for _, hunk in ipairs(run.hunks) do
    add("change/" .. hunk.number, { change(run, hunk) })
  end
  table.insert(sections, foot(run))
  return sections
end

return M
