--- Takes control characters out of text that others wrote, so that no terminal ever obeys it. Changes no visible text.

local M = {}

-- An escape sequence longer than this is no sequence: its escape character goes, its text stays.
local LONGEST = 4096

--- Sequences that a terminal would obey, whole. U+009B and U+009D are CSI and OSC in one character.
local SEQUENCES = {
  "\27%[[0-?]*[ -/]*[@-~]",
  "\194\155[0-?]*[ -/]*[@-~]",
  "\27%][^\7\27]*\7",
  "\27%][^\7\27]*\27\\",
  "\194\157[^\7\27]*\7",
  "\194\157[^\7\27]*\27\\",
  "\27[PX^_][^\27]*\27\\",
  "\27[ -/]+[0-~]",
}

--- What makes text read otherwise than it runs: embeddings and overrides of the writing direction.
local DIRECTION = { "\226\128[\170-\174]", "\226\129[\166-\169]" }

---@param text string
---@return string
local function without_controls(text)
  for _, sequence in ipairs(SEQUENCES) do
    text = text:gsub(sequence, "")
  end
  text = text:gsub("\27[0-Z\\^-~]", ""):gsub("\194[\128-\159]", "")
  for _, sign in ipairs(DIRECTION) do
    text = text:gsub(sign, "")
  end
  return (text:gsub("[%z\1-\8\11-\31\127]", ""))
end

local OPEN = {
  "\27[%]PX^_][^\7\27]*\27?$",
  "\194\157[^\7\27]*\27?$",
  "\27%[?[0-?]*[ -/]*$",
  "\194\155[0-?]*[ -/]*$",
}

--- Where a sequence begins at the end of a text that may go on in the next piece. A long one may itself end in the
--- first character of another, so the outermost counts.
---@param text string
---@return integer? start
local function open_sequence(text)
  local first
  for _, pattern in ipairs(OPEN) do
    local start = text:find(pattern)
    first = start and math.min(start, first or start) or first
  end
  return first
end

--- Clean one piece of a stream. `held` is what the piece before left over; the second result is left over now.
---@param piece string
---@param held string
---@return string clean
---@return string held
function M.piece(piece, held)
  -- Nothing to do is the common case, and there are tens of thousands of pieces.
  if held == "" and not piece:find("[%z\1-\8\11-\31\127\194\226]") then
    return piece, ""
  end
  local text = held .. piece
  local start = open_sequence(text)
  if start and #text - start < LONGEST then
    return without_controls(text:sub(1, start - 1)), text:sub(start)
  end
  return without_controls(text), ""
end

--- Clean a whole text; line ends become "\n".
---@param text string
---@return string
function M.text(text)
  return without_controls((text:gsub("\r\n", "\n")))
end

--- Clean a text and put it on one line.
---@param text any
---@return string
function M.line(text)
  return (vim.trim(M.text(tostring(text or ""))):gsub("%s*\n%s*", " "))
end

return M
