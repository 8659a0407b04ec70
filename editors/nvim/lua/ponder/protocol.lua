--- The names on the wire, as editors/PROTOCOL.md has them. Knows nothing of their meaning.

local M = {}

--- Version of the events this plugin reads.
M.EVENTS = 1
M.EVENT = "ponder/event"
M.STATUS = "ponder/status"

---@enum ponder.Command
M.COMMAND = {
  run = "ponder.run",
  result = "ponder.result",
  follow_up = "ponder.followUp",
  cancel = "ponder.cancel",
  apply = "ponder.apply",
  discard = "ponder.discard",
  routes = "ponder.routes",
  context = "ponder.context",
  usage = "ponder.usage",
  transcript = "ponder.transcript",
  dismiss = "ponder.dismiss",
  review_workspace = "ponder.reviewWorkspace",
}

--- The built-in actions, in the server's order.
M.ACTIONS = {
  "fix",
  "debug",
  "review",
  "explain",
  "refactor",
  "simplify",
  "tests",
  "document",
  "security",
  "architecture",
  "migrate",
  "ask",
}

M.SCOPES = { "finding", "rule", "file" }

return M
