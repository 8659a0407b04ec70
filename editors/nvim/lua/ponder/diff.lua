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

--- Which change a line of the text belongs to; one that only adds belongs to the line above it.
---@param hunks ponder.Hunk[] as `placed` gives them
---@return table<integer, integer> numbers by line from 1
function M.covered(hunks)
  local numbers = {}
  for _, hunk in ipairs(hunks) do
    for line = hunk.line + 1, hunk.line + #hunk.old do
      numbers[line] = hunk.number
    end
    if #hunk.old == 0 then
      local line = math.max(hunk.line, 1)
      numbers[line] = numbers[line] or hunk.number
    end
  end
  return numbers
end

---@class ponder.DiffView
---@field run ponder.Run
---@field source integer buffer
---@field scratch integer buffer
---@field windows integer[] of the text, of the proposal
---@field tab integer
---@field numbers table<integer, table<integer, integer>> by buffer: change by line

--- Bring the proposed side up to date.
---@param open ponder.DiffView
local function refresh(open)
  if not vim.api.nvim_buf_is_valid(open.scratch) then
    return
  end
  local lines = vim.api.nvim_buf_get_lines(open.source, 0, -1, false)
  local hunks = M.placed(lines, hunks_of(open.run, vim.uri_from_bufnr(open.source)))
  local proposed, numbers = M.proposed(lines, hunks)
  vim.bo[open.scratch].modifiable = true
  vim.api.nvim_buf_set_lines(open.scratch, 0, -1, false, proposed)
  vim.bo[open.scratch].modifiable = false
  open.numbers = { [open.scratch] = numbers, [open.source] = M.covered(hunks) }
  vim.cmd.diffupdate()
end

---@param open ponder.DiffView
---@param all boolean
local function take(open, all)
  local connection = client.of(open.run)
  local number = open.numbers[vim.api.nvim_get_current_buf()][vim.api.nvim_win_get_cursor(0)[1]]
  if not connection then
    return
  elseif not all and not number then
    vim.notify("Ponder: there is no change on this line; `]c` goes to the next.", vim.log.levels.INFO)
    return
  end
  client.apply(connection, open.run.id, not all and number or nil, function()
    refresh(open)
  end)
end

---@param open ponder.DiffView
local function close(open)
  if vim.api.nvim_tabpage_is_valid(open.tab) and #vim.api.nvim_list_tabpages() > 1 then
    vim.cmd.tabclose(vim.api.nvim_tabpage_get_number(open.tab))
  end
end

--- The keys of both sides. On the side of the user's own text they are what they were in all other windows.
---@param open ponder.DiffView
local function map_keys(open)
  local acts = {
    a = function()
      take(open, false)
    end,
    A = function()
      take(open, true)
    end,
    q = function()
      close(open)
    end,
  }
  local before = {}
  for key, act in pairs(acts) do
    vim.keymap.set("n", key, act, { buffer = open.scratch, nowait = true })
    local found = vim.api.nvim_buf_call(open.source, function()
      return vim.fn.maparg(key, "n", false, true)
    end)
    before[key] = found.buffer == 1 and found or nil
    vim.keymap.set("n", key, function()
      if vim.api.nvim_get_current_win() ~= open.windows[1] then
        return key
      end
      vim.schedule(act)
      return ""
    end, { buffer = open.source, nowait = true, expr = true, desc = "Ponder: in the view of both sides" })
  end
  -- Whatever closes one side closes the view and gives the keys back.
  vim.api.nvim_create_autocmd("WinClosed", {
    pattern = { tostring(open.windows[1]), tostring(open.windows[2]) },
    once = true,
    callback = function()
      if vim.api.nvim_buf_is_valid(open.source) then
        for key in pairs(acts) do
          pcall(vim.keymap.del, "n", key, { buffer = open.source })
          if before[key] then
            vim.api.nvim_buf_call(open.source, function()
              vim.fn.mapset("n", false, before[key])
            end)
          end
        end
      end
      vim.schedule(function()
        close(open)
      end)
    end,
  })
end

--- Open the tab page for a run. On both sides `a` takes the change under the cursor, `A` all, `q` closes.
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
  local left = vim.api.nvim_get_current_win()
  vim.api.nvim_win_set_buf(left, source)
  vim.api.nvim_buf_delete(empty, { force = true })
  vim.cmd.diffthis()
  vim.cmd("rightbelow vnew")
  local scratch = vim.api.nvim_get_current_buf()
  local name = ("ponder://proposal/%s/%s"):format(run.id, vim.fs.basename(vim.api.nvim_buf_get_name(source)))
  local old = vim.fn.bufnr(name)
  if old ~= -1 then
    vim.api.nvim_buf_delete(old, { force = true })
  end
  vim.bo[scratch].buftype, vim.bo[scratch].bufhidden, vim.bo[scratch].swapfile = "nofile", "wipe", false
  vim.api.nvim_buf_set_name(scratch, name)
  vim.bo[scratch].filetype = vim.bo[source].filetype
  ---@type ponder.DiffView
  local open = {
    run = run,
    source = source,
    scratch = scratch,
    windows = { left, vim.api.nvim_get_current_win() },
    tab = vim.api.nvim_get_current_tabpage(),
    numbers = {},
  }
  refresh(open)
  vim.cmd.diffthis()
  map_keys(open)
  vim.cmd("normal! gg]c")
end

return M
