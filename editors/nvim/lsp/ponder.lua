--- For `vim.lsp.enable("ponder")`. The user's options are read when the server starts.
return require("ponder.client").config()
