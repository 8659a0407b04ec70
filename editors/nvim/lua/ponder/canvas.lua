--- Brings sections into a buffer with as few changes as possible. Decides nothing about windows.

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("ponder.panel")

---@class ponder.Drawn
---@field key string
---@field version string
---@field count integer lines in the buffer
---@field complete integer of these, lines that need no drawing again
---@field mark? integer extmark of the whole section

---@class ponder.Canvas
---@field buffer integer
---@field drawn ponder.Drawn[]
---@field sections ponder.Section[]
local Canvas = {}
Canvas.__index = Canvas

---@param buffer integer
---@return ponder.Canvas
function M.new(buffer)
  return setmetatable({ buffer = buffer, drawn = {}, sections = {} }, Canvas)
end

--- No mark may end in the section below: clearing that one's marks would take it away.
---@param buffer integer
---@param section ponder.Section
---@param drawn ponder.Drawn
---@param start integer line of the section, from 0
local function decorate(buffer, section, drawn, start)
  if section.group and drawn.count > 0 then
    local last = start + drawn.count - 1
    local line = vim.api.nvim_buf_get_lines(buffer, last, last + 1, true)[1]
    drawn.mark = vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, start, 0, {
      id = drawn.mark,
      end_row = last,
      end_col = #line,
      hl_group = section.group,
    })
  end
  if #section.marks > 0 then
    vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, start, start + drawn.count)
  end
  for _, mark in ipairs(section.marks) do
    local options = mark.to and { end_col = mark.to, hl_group = mark.group } or { line_hl_group = mark.group }
    options.conceal = mark.hidden and "" or nil
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, start + mark.line, mark.from or 0, options)
  end
end

--- Replace lines, touching only those that differ. `nvim_buf_set_lines` and `nvim_buf_set_text` make the fold around a
--- line one line shorter each time; `setbufline` does not.
---@param buffer integer
---@param first integer from 0
---@param count integer how many stand there now
---@param lines string[]
local function write(buffer, first, count, lines)
  local before = vim.api.nvim_buf_get_lines(buffer, first, first + count, true)
  local common = math.min(count, #lines)
  for place = 1, common do
    if before[place] ~= lines[place] then
      vim.fn.setbufline(buffer, first + place, lines[place])
    end
  end
  if count ~= #lines then
    vim.api.nvim_buf_set_lines(buffer, first + common, first + count, true, vim.list_slice(lines, common + 1))
  end
end

--- Draw one section over what stood for it before.
---@param section ponder.Section
---@param drawn ponder.Drawn
---@param start integer
function Canvas:_draw(section, drawn, start)
  local kept = math.min(drawn.complete, section.complete, drawn.count)
  local lines = section.lines(kept)
  write(self.buffer, start + kept, drawn.count - kept, lines)
  drawn.count = kept + #lines
  drawn.complete = section.complete
  drawn.version = section.version
  decorate(self.buffer, section, drawn, start)
end

--- Take away what is no longer shown.
---@param keys table<string, boolean>
function Canvas:_drop(keys)
  local start = 0
  local kept = {}
  for _, drawn in ipairs(self.drawn) do
    if keys[drawn.key] then
      table.insert(kept, drawn)
      start = start + drawn.count
    else
      vim.api.nvim_buf_clear_namespace(self.buffer, NAMESPACE, start, start + drawn.count)
      vim.api.nvim_buf_set_lines(self.buffer, start, start + drawn.count, false, {})
    end
  end
  self.drawn = kept
end

--- Show these sections. A section that was there keeps its place; new ones come where the list has them.
---@param sections ponder.Section[]
function Canvas:show(sections)
  local keys = {}
  for _, section in ipairs(sections) do
    keys[section.key] = true
  end
  vim.bo[self.buffer].modifiable = true
  self:_drop(keys)
  local start = 0
  for place, section in ipairs(sections) do
    local drawn = self.drawn[place]
    if not drawn or drawn.key ~= section.key then
      drawn = { key = section.key, version = "", count = 0, complete = 0 }
      table.insert(self.drawn, place, drawn)
    end
    if drawn.version ~= section.version then
      self:_draw(section, drawn, start)
    end
    start = start + drawn.count
  end
  self.sections = sections
  -- An empty buffer has one line; it stands below everything from the first drawing on.
  vim.bo[self.buffer].modifiable = false
  vim.bo[self.buffer].modified = false
end

--- The section at a line and its line in it, both from 1.
---@param line integer
---@return ponder.Section? section, integer offset
function Canvas:at(line)
  local start = 0
  for place, drawn in ipairs(self.drawn) do
    if line <= start + drawn.count then
      return self.sections[place], line - start
    end
    start = start + drawn.count
  end
  return nil, 0
end

--- The first lines of sections that fulfil a condition, from 1, with the number of lines of each.
---@param wanted fun(section: ponder.Section): boolean?
---@return { line: integer, count: integer, section: ponder.Section }[]
function Canvas:places(wanted)
  local found, start = {}, 0
  for place, drawn in ipairs(self.drawn) do
    local section = self.sections[place]
    if section and wanted(section) then
      table.insert(found, { line = start + 1, count = drawn.count, section = section })
    end
    start = start + drawn.count
  end
  return found
end

return M
