--- A proposed edit side by side with the text it changes, in a tab page of its own. Applies only what the user takes.

local clean = require("ponder.clean")
local client = require("ponder.client")

local M = {}

---@param run ponder.Run
---@param uri string
---@return ponder.Hunk[]
local function hunks_of(run, uri)
  return vim.tbl_filter(function(hunk)
    return hunk.uri == uri
  end, run.hunks)
end

--- The text with all open changes in it, and for each line of it the change it belongs to.
---@param lines string[]
---@param hunks ponder.Hunk[] in the order of the text
---@return string[] proposed, table<integer, integer> numbers
function M.proposed(lines, hunks)
  local shown, numbers = {}, {}
  local line = 0
  for _, hunk in ipairs(hunks) do
    vim.list_extend(shown, lines, line + 1, hunk.line)
    for _, added in ipairs(hunk.new) do
      table.insert(shown, (clean.text(added)))
      numbers[#shown] = hunk.number
    end
    if #hunk.new == 0 then
      numbers[#shown + 1] = hunk.number
    end
    line = hunk.line + #hunk.old
  end
  vim.list_extend(shown, lines, line + 1)
  return shown, numbers
end

--- Where the open changes of a document stand in the text of now: where counting says, else where their lines are.
--- Those whose lines are gone are left out.
---@param lines string[]
---@param hunks ponder.Hunk[] all of the document, in the order of the text
---@return ponder.Hunk[]
function M.placed(lines, hunks)
  local found, shift, after = {}, 0, 0
  local text = "\n" .. table.concat(lines, "\n") .. "\n"
  for _, hunk in ipairs(hunks) do
    if hunk.state == "applied" then
      shift = shift + #hunk.new - #hunk.old
    elseif hunk.state == "open" then
      local line = hunk.line + shift
      local here = vim.list_slice(lines, line + 1, line + #hunk.old)
      if not vim.deep_equal(here, hunk.old) then
        local start = text:find("\n" .. table.concat(hunk.old, "\n") .. "\n", 1, true)
        line = start and select(2, text:sub(1, start):gsub("\n", "\n")) - 1 or -1
      end
      if line >= after and line <= #lines then
        table.insert(found, vim.tbl_extend("force", hunk, { line = line }))
        after = line + #hunk.old
      end
    end
  end
  return found
end

---@param run ponder.Run
---@param source integer
---@param scratch integer
---@param all? boolean
local function take(run, source, scratch, all)
  local connection = client.of(run)
  if not connection then
    return
  end
  local number = vim.b[scratch].ponder_hunks[tostring(vim.api.nvim_win_get_cursor(0)[1])]
  if all or number then
    client.apply(connection, run.id, not all and number or nil, function()
      M.refresh(run, source, scratch)
    end)
  end
end

--- Bring the proposed side up to date.
---@param run ponder.Run
---@param source integer
---@param scratch integer
function M.refresh(run, source, scratch)
  if not vim.api.nvim_buf_is_valid(scratch) then
    return
  end
  local lines = vim.api.nvim_buf_get_lines(source, 0, -1, false)
  local hunks = M.placed(lines, hunks_of(run, vim.uri_from_bufnr(source)))
  local proposed, numbers = M.proposed(lines, hunks)
  vim.bo[scratch].modifiable = true
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, proposed)
  vim.bo[scratch].modifiable = false
  local by_line = vim.empty_dict()
  for line, number in pairs(numbers) do
    by_line[tostring(line)] = number
  end
  vim.b[scratch].ponder_hunks = by_line
  vim.cmd.diffupdate()
end

--- Open the tab page for a run. `a` takes the change under the cursor, `A` all, `q` closes.
---@param run ponder.Run?
function M.open(run)
  local hunk = run and vim.iter(run.hunks):find(function(one)
    return one.state == "open"
  end)
  if not run or not hunk then
    vim.notify("Ponder: no change waits for you.", vim.log.levels.INFO)
    return
  end
  local source = vim.uri_to_bufnr(hunk.uri)
  vim.fn.bufload(source)
  vim.cmd.tabnew()
  local empty = vim.api.nvim_get_current_buf()
  vim.api.nvim_win_set_buf(0, source)
  vim.api.nvim_buf_delete(empty, { force = true })
  vim.cmd.diffthis()
  vim.cmd("rightbelow vnew")
  local scratch = vim.api.nvim_get_current_buf()
  vim.bo[scratch].buftype, vim.bo[scratch].bufhidden, vim.bo[scratch].swapfile = "nofile", "wipe", false
  vim.bo[scratch].filetype = vim.bo[source].filetype
  M.refresh(run, source, scratch)
  vim.cmd.diffthis()
  for key, act in pairs({
    a = function()
      take(run, source, scratch)
    end,
    A = function()
      take(run, source, scratch, true)
    end,
    q = vim.cmd.tabclose,
  }) do
    vim.keymap.set("n", key, act, { buffer = scratch, nowait = true })
  end
  vim.cmd("normal! gg]c")
end

return M
