/** The key, in the editor's secret storage and in the environment of the child; never in settings, logs or arguments. */

import * as vscode from "vscode";

const KEY = "ponder.anthropicApiKey";

export class Secrets {
  constructor(private readonly storage: vscode.SecretStorage) {}

  /** The child's environment: the editor's own, and the stored key where there is one. */
  async environment(): Promise<NodeJS.ProcessEnv> {
    const key = await this.storage.get(KEY);
    return key === undefined ? process.env : { ...process.env, ANTHROPIC_API_KEY: key };
  }

  async signedIn(): Promise<boolean> {
    return (await this.storage.get(KEY)) !== undefined;
  }

  /** Ask for a key; true where one was stored. */
  async signIn(): Promise<boolean> {
    const key = await vscode.window.showInputBox({
      title: "Ponder: Sign in",
      prompt: "Your Anthropic API key. It is kept in the editor's secret storage and given to the server's process only.",
      password: true,
      ignoreFocusOut: true,
      validateInput: (value) => (/\s/.test(value.trim()) ? "A key has no spaces." : null),
    });
    if (key === undefined || key.trim() === "") return false;
    await this.storage.store(KEY, key.trim());
    return true;
  }

  async signOut(): Promise<void> {
    await this.storage.delete(KEY);
  }

  onChange(listener: () => void): vscode.Disposable {
    return this.storage.onDidChange((event) => {
      if (event.key === KEY) listener();
    });
  }
}
