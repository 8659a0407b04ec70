// Everywhere else a person looks: the walkthrough, other people's problems, every key, what would be sent, the whole workspace.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Editor, steps } from "./editor.mjs";
import { linterExtension } from "./others.mjs";
import { ORDERS } from "./sample.mjs";

/** @type {Editor} */
let editor;
const FILES = {
  "orders.py": ORDERS, "shop/stock.py": "def add(item, items=[]):\n    items.append(item)\n    return items\n", "shop/names.py": "def name(first, last):\n    return f'{first} {last}'\n",
  ".gitignore": "*.log\n", "debug.log": "a log\n", ".env": "TOKEN=sk-secret-of-the-shop\n", "big.py": "# a long file\n" + "value = 1\n".repeat(60_000),
};
before(async () => {
  editor = await Editor.start({
    files: FILES, extensions: [linterExtension()], env: { PONDER_API_OFFLINE_DELTA_MS: "15" },
    settings: { "ponder.review.onSave": "off", "workbench.welcomePage.walkthroughs.openOnInstall": true, "workbench.welcomePage.preferReducedMotion": true, "ponder.review.concurrency": 1 },
  });
});
after(() => editor?.stop());
const step = steps(() => editor);
const rows = () => editor.page.locator(".quick-input-list .monaco-list-row");
const picker = (title) => editor.page.locator(".quick-input-title", { hasText: title });

/** The frame of a page that has this. */
async function pageWith(selector, hasText) {
  return editor.until(async () => {
    for (const frame of editor.page.frames()) if ((await frame.locator(selector, { hasText }).count().catch(() => 0)) > 0) return frame;
    return null;
  }, `a page with ${selector} “${hasText}”`);
}

step("the walkthrough leads through the first steps, and its buttons do what they say", async () => {
  await editor.command("Welcome: Open Walkthrough...");
  await rows().filter({ hasText: "Get started with Ponder" }).first().click();
  const page = editor.page.locator(".gettingStartedContainer");
  await page.locator("h2, .category-title", { hasText: "Get started with Ponder" }).first().waitFor();
  /** The page focuses a step after it has slid open (250 ms, or none without motion): before that a picker would be closed by it. */
  const openStep = async (title) => {
    await page.locator(".getting-started-step", { hasText: title }).first().click();
    await page.locator(".getting-started-step.expanded", { hasText: title }).first().waitFor();
    await editor.page.evaluate(() => new Promise((next) => setTimeout(next)));
  };
  for (const title of ["A server that works", "Your key, or none", "Review a file", "Model and thinking for each action"]) await openStep(title);
  await editor.shot("walkthrough-routes");
  await openStep("Review a file");
  const picture = page.locator(".getting-started-media img");
  await editor.until(async () => (await picture.count()) > 0 && (await picture.first().evaluate((image) => image.naturalWidth)) >= 300, "its picture is shown");
  await editor.shot("walkthrough");
  await openStep("Model and thinking");
  await page.locator(".getting-started-step.expanded a, .getting-started-step.expanded .monaco-button", { hasText: "Models and thinking" }).first().click();
  await picker("Models and thinking").waitFor();
  await editor.page.keyboard.press("Escape");
  await editor.command("View: Close All Editors");
});

step("another extension's problem: the light bulb and the Problems panel offer a fix with Ponder, which knows the problem", async () => {
  await editor.panel();
  await editor.open("orders.py");
  await editor.command("View: Focus Problems");
  const problem = editor.problems().filter({ hasText: "Bare except hides every error" }).first();
  await problem.click();
  await editor.page.keyboard.press("Control+.");
  const entry = editor.page.locator(".action-widget .monaco-list-row, .monaco-menu .action-item", { hasText: /Ponder.*Fix/ }).first();
  await entry.waitFor();
  await editor.shot("problem-fix");
  await editor.run(() => entry.click());
  let run = await editor.newest("Done");
  assert.match(await run.locator(".title").textContent(), /Fix/);
  await run.locator(".thinking .toggle").click();
  assert.match(await run.textContent(), /Bare except hides every error|OL100|otherlint/, "the question held the problem");

  await editor.command("View: Toggle Panel Visibility");
  await editor.goTo(26, 5);
  await editor.run(() => editor.lightBulb(/Ponder.*Fix/));
  run = await editor.newest("Done");
  assert.match(await run.locator(".title").textContent(), /Fix/);
});

step("each key does what the list of keys says", async () => {
  const chord = async (key) => {
    await editor.page.keyboard.press("Control+1");
    await editor.until(() => editor.page.evaluate(() => document.activeElement?.closest(".monaco-editor") !== null), "the editor has the focus");
    await editor.page.keyboard.press("Control+Alt+P");
    await editor.page.keyboard.press(key);
  };
  await editor.goTo(19, 5);
  for (const [key, title] of [["r", /Review/], ["e", /Explain/], ["f", /Fix/], ["d", /Debug/]]) {
    await editor.run(() => chord(key));
    assert.match(await (await editor.newest("Done")).locator(".title").textContent(), title, key);
  }
  for (const [key, title] of [["a", "Ask about this code"], ["w", "Run an action"], ["m", "Ponder:"]]) {
    // A picker that is still closing takes the focus along: then the key is pressed again.
    await editor.until(async () => {
      await chord(key);
      return picker(title).first().waitFor({ timeout: 5000 }).then(() => true, () => false);
    }, `the key ${key} opens “${title}”`);
    await editor.page.keyboard.press("Escape");
    await picker(title).first().waitFor({ state: "hidden" });
  }
  await chord("q");
  const panel = await editor.panel();
  await editor.until(() => panel.evaluate(() => document.activeElement?.tagName === "TEXTAREA"), "the follow-up box has the focus");
  await editor.command("View: Show Explorer");
  await chord("p");
  await editor.until(() => editor.panelFrame(), "the panel is shown");
  await editor.run(() => chord("r"));
  await editor.newest("Thinking");
  await chord("c");
  await editor.newest("Cancelled");
});

step("code lenses are there only for those who turned them on; the title button goes for those who do not want it", async () => {
  await editor.open("orders.py");
  assert.equal(await editor.page.locator(".codelens-decoration").count(), 0);
  const button = editor.page.locator(".editor-actions .action-label[aria-label*='Review']");
  await button.first().waitFor();
  editor.writeSettings({ "ponder.panel.editorTitleButton": false });
  await button.first().waitFor({ state: "detached" });
  editor.writeSettings({ "ponder.panel.editorTitleButton": true });
});

step("what would be sent is a page to read: parts, files, sizes, and what stays out with its reason", async () => {
  await editor.command("Ponder: What Would Be Sent");
  const page = await pageWith("h1", "what would be sent");
  const text = await page.locator("body").innerText();
  assert.match(text, /an action on orders\.py/);
  assert.match(text, /Part\s+Files\s+Size\s+Tokens/);
  assert.match(text, /Together/);
  assert.match(text, /shop\/stock\.py/);
  assert.match(text, /secret file \(1\)\s+\.env/);
  assert.match(text, /ignored by \.gitignore \(1\)\s+debug\.log/);
  assert.match(text, /larger than [\d,]+ bytes \(1\)\s+big\.py/);
  assert.doesNotMatch(text, /sk-secret-of-the-shop/);
  assert.equal(await editor.page.locator(".tab.dirty").count(), 0);
  await editor.shot("sent");
  await editor.command("View: Close All Editors");
});

const askForWorkspace = async (choice) => {
  await editor.command("Ponder: Review the Workspace");
  await editor.run(() => rows().filter({ hasText: choice }).first().click());
  return (await editor.panel()).locator("article.run").first();
};

step("a review of the workspace: its cost is said first, and Cancel in the panel ends it", async () => {
  await editor.command("Ponder: Review the Workspace");
  await picker(/Review the workspace, about [34] files, with claude-/).waitFor();
  assert.match(await rows().filter({ hasText: "Review now" }).first().textContent(), /Free: the offline engine checks the files on this machine/);
  for (const text of [/batch.*half the price/, "See what would be told first"]) await rows().filter({ hasText: text }).first().waitFor();
  await editor.shot("workspace-choice");
  await editor.page.keyboard.press("Escape");

  const run = await askForWorkspace("Review now");
  await run.locator(".headline button", { hasText: "Cancel" }).click();
  await editor.newest("Cancelled");
});

step("its progress shows, and findings come in files that are not open", async () => {
  const run = await askForWorkspace("Review now");
  const told = new Set();
  await editor.until(async () => told.add(await run.locator(".status").textContent()).has("Done"), "the review is done");
  assert.ok([...told].some((words) => /\d+ of \d+ files/.test(words)), `progress was shown: ${[...told].join(" | ")}`);
  assert.match(await run.locator(".title").textContent(), /^Review the workspace$/);
  assert.ok((await run.locator(".finding", { hasText: "shop/stock.py" }).count()) >= 1);
  await editor.shot("workspace-done");
  await run.locator(".finding .link", { hasText: "shop/stock.py:1" }).first().click();
  await editor.page.locator(".tab.active", { hasText: "stock.py" }).waitFor();
});

step("as a batch too", async () => {
  const run = await askForWorkspace("Review as a batch");
  await editor.newest("Done");
  assert.ok((await run.locator(".finding").count()) >= 1);
});

step("no toast came up on the way", async () => {
  assert.equal(await editor.page.locator(".notification-toast").count(), 0);
});
