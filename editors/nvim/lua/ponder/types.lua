--- The shapes that pass between the modules, for the Lua language server. Holds no code.

---@alias ponder.RunStatus "running"|"done"|"cancelled"|"failed"|"refused"|"truncated"
---@alias ponder.BlockKind "thinking"|"redactedThinking"|"text"|"tool"

---@class ponder.Thinking
---@field mode "off"|"adaptive"|"budget"
---@field budgetTokens? integer
---@field effort? string

---@class ponder.Usage
---@field inputTokens? integer
---@field cacheReadTokens? integer
---@field cacheWriteTokens? integer
---@field outputTokens? integer
---@field thinkingTokens? integer
---@field requests integer
---@field costUsd? number
---@field savedUsd? number

---@class ponder.Error
---@field kind string
---@field message string
---@field hint? string
---@field requestId? string
---@field retryable? boolean

---@class ponder.Finding
---@field id string
---@field uri string
---@field range lsp.Range
---@field severity 1|2|3|4
---@field code string
---@field message string
---@field fix? lsp.WorkspaceEdit

--- One `ponder/event`; which fields are there depends on `type` (editors/PROTOCOL.md).
---@class ponder.Event
---@field runId string
---@field seq integer
---@field type string
---@field [string] any

--- One block of an answer. Complete lines stand in `lines`; the line that still grows is `tail`, in pieces.
---@class ponder.Block
---@field index integer
---@field kind ponder.BlockKind
---@field name? string
---@field lines string[]
---@field tail string[]
---@field held string a control sequence that has not ended yet
---@field durationMs? integer
---@field version integer grows with each change

---@class ponder.Hunk
---@field number integer from 0, as `ponder.apply` counts
---@field uri string
---@field line integer first line of the text it replaces, from 0
---@field old string[]
---@field new string[]
---@field created boolean
---@field state "open"|"applied"|"refused"|"discarded"
---@field reason? string

---@class ponder.Run
---@field id string
---@field seq integer the next one that is expected
---@field client? integer the connection it came over
---@field status ponder.RunStatus
---@field title string
---@field action? string
---@field uri? string
---@field range? lsp.Range
---@field trigger string
---@field provider? string
---@field model? string
---@field thinking? ponder.Thinking
---@field parent? string the run that this one follows up on
---@field instruction? string what the user asked in words
---@field blocks ponder.Block[]
---@field findings ponder.Finding[]
---@field hunks ponder.Hunk[]
---@field edit? lsp.WorkspaceEdit
---@field applied? boolean
---@field reason? string
---@field notices string[]
---@field retrying? string
---@field usage? ponder.Usage
---@field durationMs? integer
---@field error? ponder.Error
---@field version integer grows with each change outside the blocks

---@class ponder.State
---@field order string[] ids of runs, oldest first
---@field runs table<string, ponder.Run>

--- A stretch of text of the panel with one owner.
---@class ponder.Section
---@field key string
---@field version string drawn anew when it changes
---@field complete integer lines from the top that will never change again
---@field lines fun(from: integer): string[] its lines, without the first `from`
---@field marks ponder.Mark[]
---@field targets table<integer, ponder.Target> by line of the section, from 1
---@field head? boolean whether a run begins here
---@field group? string highlight of the whole section
---@field fold? boolean whether it folds under the line above it by now
---@field closed? boolean whether that fold begins closed

---@class ponder.Mark
---@field line integer from 0, in the section
---@field last? integer last line, from 0; `line` where absent
---@field from? integer byte
---@field to? integer byte; the whole line where absent
---@field group? string
---@field hidden? boolean for the signs of Markdown: they are copied, not shown

---@class ponder.Target
---@field kind "finding"|"hunk"
---@field finding? ponder.Finding
---@field hunk? ponder.Hunk

return {}
