// Other people's extensions, made small: what Ponder meets in an editor that is in use.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { here } from "./editor.mjs";

/** A .vsix of an extension whose `activate` is this function; it must use nothing from outside itself but `vscode`. */
function extension(publisher, name, activate) {
  const folder = mkdtempSync(join(tmpdir(), "ponder-other-"));
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name, publisher, version: "1.0.0", engines: { vscode: "^1.91.0" }, main: "./main.js", activationEvents: ["onStartupFinished"], license: "MIT",
    capabilities: { untrustedWorkspaces: { supported: true } },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "main.js"), `const vscode = require("vscode");\nexports.activate = ${activate};\n`);
  const file = join(folder, `${name}.vsix`);
  execFileSync(process.execPath, [join(here, "node_modules/@vscode/vsce/vsce"), "package", "--no-dependencies", "--allow-missing-repository", "--skip-license", "--out", file], { cwd: folder, stdio: "pipe" });
  return file;
}

/** Speaks as Microsoft's Python extension does about the interpreter in use: one that lies in the workspace. */
export function pythonExtension() {
  return extension("ms-python", "python", `() => ({ environments: { getActiveEnvironmentPath: () => ({ path: vscode.workspace.workspaceFolders[0].uri.fsPath + "/.venv/bin/python" }) } })`);
}

/** A linter that knows nothing of Ponder and has no fixes of its own. */
export function linterExtension() {
  return extension("somebody", "linter", `(context) => {
    const all = vscode.languages.createDiagnosticCollection("otherlint");
    const look = (document) => {
      if (!document.fileName.endsWith(".py")) return;
      const line = document.getText().split("\\n").findIndex((text) => text.includes("except:"));
      if (line < 0) return all.delete(document.uri);
      const found = new vscode.Diagnostic(document.lineAt(line).range, "Bare except hides every error", vscode.DiagnosticSeverity.Error);
      found.source = "otherlint";
      found.code = "OL100";
      all.set(document.uri, [found]);
    };
    vscode.workspace.textDocuments.forEach(look);
    context.subscriptions.push(all, vscode.workspace.onDidOpenTextDocument(look), vscode.workspace.onDidChangeTextDocument((event) => look(event.document)));
  }`);
}
