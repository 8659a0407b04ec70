// Where the panel stands: in the secondary side bar of a VS Code that has views there, in the activity bar of one that has not.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Editor, NEWER } from "./editor.mjs";
import { ORDERS } from "./sample.mjs";

const EDITORS = [
  ["VS Code before 1.106", undefined, "workbench.parts.sidebar"],
  ["VS Code since 1.106", NEWER, "workbench.parts.auxiliarybar"],
];

for (const [name, workbench, part] of EDITORS) {
  const skip = workbench !== undefined && !existsSync(workbench.entry) ? "test/e2e/setup_newer.sh makes it" : false;
  describe(name, { skip }, () => {
    /** @type {Editor} */
    let editor;
    before(async () => {
      editor = await Editor.start({ files: { "orders.py": ORDERS }, ...(workbench === undefined ? {} : { workbench, settings: { "chat.disableAIFeatures": true } }) });
    });
    after(() => editor?.stop());
    /** The parts of the workbench in which something of Ponder's is shown or offered. */
    const places = () =>
      editor.page.evaluate(() =>
        [...document.querySelectorAll(".action-label[aria-label^='Ponder'], .pane-header[aria-label*='Runs'], .pane-header[aria-label*='Ponder']")]
          .filter((one) => one.offsetParent !== null && one.closest("[id='workbench.parts.statusbar']") === null)
          .map((one) => one.closest(".part")?.id ?? ""));

    test(`the panel stands in ${part.split(".").at(-1)}, from its first run on`, async () => {
      await editor.open("orders.py");
      await editor.command("Ponder: Review");
      await editor.page.locator(`[id='${part}'] .pane-body, [id='${part}'] .webview`).first().waitFor({ state: "attached" });
      const run = await editor.newest("Done");
      assert.equal(await run.locator(".finding").count(), 5);
      const box = await editor.page.locator(`[id='${part}']`).boundingBox();
      const frame = await (await (await editor.panelFrame()).frameElement()).boundingBox();
      assert.ok(frame.x >= box.x - 1 && frame.x + frame.width <= box.x + box.width + 1, "the page lies in that part");
      await editor.shot(`place-${part.split(".").at(-1)}`);
    });

    test("it is there again after a reload, and shows up nowhere else on the way", async () => {
      await editor.page.reload();
      const seen = new Set();
      await editor.until(async () => {
        for (const place of await places().catch(() => [])) seen.add(place);
        return (await editor.panelFrame()) !== null;
      }, "the panel comes back by itself");
      await editor.newest("Done");
      const other = part === "workbench.parts.sidebar" ? "workbench.parts.auxiliarybar" : "workbench.parts.activitybar";
      assert.equal(seen.has(other), false, [...seen].join(", "));
      assert.equal(await editor.page.locator("[id='workbench.view.explorer'] .pane-header", { hasText: "Runs" }).count(), 0, "it is no section of the Explorer");
    });
  });
}
