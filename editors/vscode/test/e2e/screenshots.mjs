// The pictures of the README and the documentation, taken of the real thing: thinking, a review in four themes, changes, a narrow panel.
// With the newer VS Code (setup_newer.sh) the panel stands in the secondary side bar, as in a VS Code of today.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Editor, NEWER, here } from "./editor.mjs";
import { ORDERS } from "./sample.mjs";

const out = join(here, "media/screenshots");
mkdirSync(out, { recursive: true });
const THEMES = [
  ["dark", "Default Dark Modern", "vs-dark"],
  ["light", "Default Light Modern", "vs "],
  ["high-contrast", "Default High Contrast", "hc-black"],
  ["high-contrast-light", "Default High Contrast Light", "hc-light"],
];
const newer = existsSync(NEWER.entry);

const editor = await Editor.start({
  files: { "shop/orders.py": ORDERS, ".gitignore": "*.log\n", "shop/debug.log": "x\n", ".env": "TOKEN=x\n", "README.md": "# A small shop\n" },
  env: { PONDER_API_OFFLINE_DELTA_MS: "40" },
  settings: { "workbench.colorTheme": "Default Dark Modern", "editor.fontSize": 13, ...(newer ? { "chat.disableAIFeatures": true, "workbench.activityBar.location": "default" } : { "workbench.sideBar.location": "right" }) },
  viewport: { width: 1400, height: 880 },
  ...(newer ? { workbench: NEWER } : {}),
});
try {
  await editor.panel();
  await editor.open("orders.py");
  if (newer) await editor.command("View: Toggle Primary Side Bar Visibility");
  await widen(470);
  await editor.goTo(12, 5);
  await editor.run("Ponder: Review");
  let run = await editor.newest("Thinking");
  await editor.until(async () => ((await run.locator(".peek").textContent()) ?? "").length > 250, "some thinking");
  await picture("thinking");
  run = await editor.newest("Done");
  await picture("review");
  const panel = await editor.page.locator(newer ? ".part.auxiliarybar" : ".part.sidebar").boundingBox();
  await editor.page.screenshot({ path: join(out, "panel.png"), clip: { ...panel, height: 745 } });
  await run.locator(".thinking .toggle").click();
  for (const [name, theme, kind] of THEMES) {
    editor.writeSettings({ "workbench.colorTheme": theme });
    await editor.until(async () => ` ${await editor.page.locator(".monaco-workbench").getAttribute("class")} `.includes(kind), `the theme ${theme}`);
    await picture(name);
  }
  editor.writeSettings({ "workbench.colorTheme": "Default Dark Modern" });
  await run.locator(".thinking .toggle").click();
  await editor.goTo(1, 1);
  await editor.run("Ponder: Fix");
  run = await editor.newest("Done");
  await run.locator(".hunk").nth(1).waitFor();
  await run.locator(".hunk").last().locator("button", { hasText: "Accept" }).click();
  await run.locator(".hunk.applied").waitFor();
  await picture("changes");
  await widen(230);
  await picture("narrow");
  await widen(470);
  await editor.command("Ponder: What Would Be Sent");
  await editor.page.locator(".tab.active", { hasText: "What Would Be Sent" }).waitFor();
  await editor.until(async () => (await Promise.all(editor.page.frames().map((frame) => frame.locator("h1", { hasText: "what would be sent" }).count().catch(() => 0)))).some(Boolean), "the page is drawn");
  await picture("sent");
} finally {
  await editor.stop();
}
for (const name of ["dark", "changes", "panel"]) await smaller(name);

async function picture(name) {
  await editor.page.mouse.move(300, 860);
  await editor.page.waitForTimeout(900);
  await editor.shot(name);
  copyFileSync(join(here, "out/shots", `${name}.png`), join(out, `${name}.png`));
  console.log(name);
}

/** For the package, which has to stay small: the same picture as WebP. */
async function smaller(name) {
  const { chromium } = await import("playwright-core");
  const { readFileSync } = await import("node:fs");
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage();
  const made = await page.evaluate(async (bytes) => {
    const image = new Image();
    image.src = `data:image/png;base64,${bytes}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.8).split(",")[1];
  }, readFileSync(join(out, `${name}.png`), "base64"));
  await browser.close();
  writeFileSync(join(out, `${name}.webp`), Buffer.from(made, "base64"));
}

/** Drag the edge of the side bar with the panel to this width. */
async function widen(width) {
  const bar = await editor.page.locator(newer ? ".part.auxiliarybar" : ".part.sidebar").boundingBox();
  await editor.page.mouse.move(bar.x, 400);
  await editor.page.mouse.down();
  await editor.page.mouse.move(bar.x + bar.width - width, 400, { steps: 8 });
  await editor.page.mouse.up();
}
