--- Writes the generated parts of doc/ponder.txt: the plugin's options and the server's settings.
---
---   nvim --headless -u NONE -l editors/nvim/scripts/options.lua          writes
---   nvim --headless -u NONE -l editors/nvim/scripts/options.lua --check  fails when the file is stale

local here = vim.fs.dirname(vim.fs.dirname(vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p")))
local help = vim.fs.joinpath(here, "doc", "ponder.txt")
local schema_file = vim.fs.joinpath(here, "..", "..", "server", "ponder", "config", "ponder.schema.json")

local function read(path)
  return table.concat(vim.fn.readfile(path), "\n") .. "\n"
end

--- Words in lines of at most 78 columns.
local function wrapped(text, indent)
  local lines, line = {}, indent
  for word in text:gmatch("%S+") do
    if #line + #word + 1 > 78 and vim.trim(line) ~= "" then
      table.insert(lines, line)
      line = indent
    end
    line = line == indent and line .. word or line .. " " .. word
  end
  table.insert(lines, line)
  return table.concat(lines, "\n")
end

local function tagged(left, tag)
  return left .. (" "):rep(math.max(1, 78 - #left - #tag - 2)) .. "*" .. tag .. "*"
end

local function shown(value)
  return (vim.inspect(value):gsub("%s+", " "))
end

--- The options, from the annotations and the defaults in config.lua.
local function options()
  vim.opt.runtimepath:prepend(here)
  local defaults = require("ponder.config").defaults()
  local source = read(vim.fs.joinpath(here, "lua", "ponder", "config.lua"))
  local out = {}
  for class, fields in source:gmatch("%-%-%-@class ponder%.(%w+)\n(.-)\n\n") do
    local prefix = class == "PanelConfig" and "panel." or ""
    local values = prefix == "" and defaults or defaults.panel
    for name, optional, words in fields:gmatch("%-%-%-@field ([%w_]+)(%??) ([^\n]*)") do
      if name ~= "panel" then
        -- A type may have spaces only inside brackets or after a comma.
        local kind, what = words:match("^(table<[^>]*>)%s*(.*)$")
        if not kind then
          kind, what = words:match("^(%S+)%s*(.*)$")
        end
        local default = optional == "?" and "nil" or shown(values[name])
        table.insert(out, tagged(prefix .. name, "ponder." .. prefix .. name))
        table.insert(out, wrapped(("%s. Default: %s."):format(kind, default), "    "))
        if what ~= "" then
          table.insert(out, wrapped(what:sub(1, 1):upper() .. what:sub(2) .. ".", "    "))
        end
        table.insert(out, "")
      end
    end
  end
  return table.concat(out, "\n")
end

--- The settings, from the schema that the server makes of its own types.
local function settings()
  local schema = vim.json.decode(read(schema_file), { luanil = { object = true } })
  local out = {}
  local function walk(node, path)
    if node.properties then
      for name, child in vim.spairs(node.properties) do
        walk(child, path == "" and name or path .. "." .. name)
      end
    elseif type(node.additionalProperties) == "table" then
      walk(node.additionalProperties, path .. (vim.startswith(path, "actions") and ".NAME" or ".ID"))
    else
      local kind = node.enum and table.concat(node.enum, " | ") or tostring(node.type)
      table.insert(out, tagged(path, "ponder-setting-" .. path))
      local default = node.default ~= nil and (" Default: %s."):format(shown(node.default)) or ""
      table.insert(out, wrapped(kind .. "." .. default, "    "))
      table.insert(out, wrapped(node.description or "", "    "))
      table.insert(out, "")
    end
  end
  walk(schema, "")
  return table.concat(out, "\n")
end

local function replaced(text, name, body)
  local from, to = ("# %s, generated\n"):format(name), ("# end of %s\n"):format(name)
  local first, last = text:find(from, 1, true), text:find(to, 1, true)
  assert(first and last, "no place for " .. name)
  return text:sub(1, first + #from - 1) .. "\n" .. body .. "\n" .. text:sub(last)
end

local before = read(help)
local after = replaced(replaced(before, "options", options()), "settings", settings())
if vim.list_contains(arg, "--check") then
  if after ~= before then
    io.stderr:write("doc/ponder.txt is stale: run scripts/options.lua\n")
    os.exit(1)
  end
else
  local file = assert(io.open(help, "w"))
  file:write(after)
  file:close()
end
