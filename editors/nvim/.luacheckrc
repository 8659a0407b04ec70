-- Neovim runs LuaJIT; `vim` is its one global, and its option tables are written to.
std = "luajit"
globals = { "vim" }
max_line_length = 120
