// Formats the Lua files with StyLua (npm install @johnnymorganz/stylua). With --check, only says what differs.
const fs = require("node:fs");
const path = require("node:path");
const { Config, IndentType, QuoteStyle, OutputVerification, formatCode } = require("@johnnymorganz/stylua");

const root = path.join(__dirname, "..");
const check = process.argv.includes("--check");

// The WebAssembly build reads no stylua.toml; these are its lines.
function config() {
  const chosen = Config.new();
  const lines = fs.readFileSync(path.join(root, "stylua.toml"), "utf8").matchAll(/^(\w+) = "?([\w]+)"?$/gm);
  const values = Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
  chosen.column_width = Number(values.column_width);
  chosen.indent_width = Number(values.indent_width);
  chosen.indent_type = IndentType[values.indent_type];
  chosen.quote_style = QuoteStyle[values.quote_style];
  return chosen;
}

let wrong = 0;
for (const name of fs.readdirSync(root, { recursive: true })) {
  if (!name.endsWith(".lua") || name.includes("node_modules")) continue;
  const file = path.join(root, name);
  const text = fs.readFileSync(file, "utf8");
  const formatted = formatCode(text, config(), undefined, OutputVerification.None);
  if (formatted === text) continue;
  wrong += 1;
  console.log(name);
  if (!check) fs.writeFileSync(file, formatted);
}
process.exitCode = check && wrong > 0 ? 1 : 0;
