// Opens an HTML report in headless Chromium: it must work without a network, filter, be used by keyboard and read without
// script, and axe must find nothing wrong with it, light and dark, wide and narrow.
//
//   node pages.mjs REPORT.html REPORT.json [FOLDER FOR SCREENSHOTS]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [html, json, shots] = process.argv.slice(2);
const report = JSON.parse(readFileSync(json, "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const address = pathToFileURL(html).href;
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
  protocolTimeout: 600_000,
});
const troubles = [];

async function open({ width = 1100, height = 900, scheme = "light", script = true } = {}) {
  const page = await browser.newPage();
  page.on("pageerror", error => troubles.push(`script: ${error.message}`));
  page.on("console", message => { if (message.type() === "error") troubles.push(`console: ${message.text()}`); });
  page.on("dialog", dialog => { troubles.push("a file's name or label ran as script"); dialog.dismiss(); });
  page.on("request", request => {
    if (request.url() !== address && !request.url().startsWith("data:")) troubles.push(`asked for ${request.url()}`);
  });
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setJavaScriptEnabled(script);
  await page.goto(address);
  return page;
}

const visible = page => page.$$eval("details.file", files => files.filter(file => file.checkVisibility()).length);

async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  assert.ok(passes.length > 20, "axe really looked");
  const said = violations.map(one => `${one.id}: ${one.help} (${one.nodes.slice(0, 3).map(node => node.html).join(" | ")})`);
  assert.deepEqual(said, [], `axe on ${what}`);
}

const page = await open();
const all = report.files.length;
assert.ok(all > 10);
assert.equal(await page.title(), `Indicia report: ${all} files, ${report.summary.unmet} do not meet all that counts`);
assert.equal(await visible(page), all, "every file has its section");
assert.equal(await page.$eval("#shown", shown => shown.textContent), `${all} of ${all} files shown`);
assert.ok(await page.$$eval("details.file img", images => images.length > 3 && images.every(image => image.complete && image.naturalWidth > 0)));

// Filters, each against what the JSON report says.
const count = fits => report.files.filter(fits).length;
async function filtered(expected, change) {
  await change();
  assert.equal(await visible(page), expected, change.toString());
  await page.click("button[type=reset]");
  await page.waitForFunction(all => document.querySelectorAll("details.file:not([hidden])").length === all, {}, all);
}
for (const outcome of ["met", "unmet", "unknown"]) {
  const number = count(file => file.outcome === outcome);
  if (number === 0) continue;
  await filtered(all - number, () => page.click(`input[value=${outcome}]`));
}
await filtered(count(file => file.verdict === "not_found"), () => page.select("select[name=verdict]", "not_found"));
await filtered(count(file => file.kind === "audio"), () => page.select("select[name=kind]", "audio"));
const rule = await page.$eval("select[name=rule] option:nth-child(2)", option => option.value);
const unmet = file => file.findings.some(one => one.rule === rule && one.outcome === "unmet");
await filtered(count(unmet), () => page.select("select[name=rule]", rule));
await filtered(1, () => page.type("input[name=name]", "CUT.PNG"));

// By keyboard: the first file opens with Enter.
await page.focus("details.file > summary");
await page.keyboard.press("Enter");
assert.ok(await page.$eval("details.file", file => file.open));
await accessible(page, "the page as it opens");
await page.click("#open");
assert.ok(await page.$$eval("details.file", files => files.every(file => file.open)));
await accessible(page, "the page with every file open");
await page.click("#close");
if (shots) {
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${shots}/wide-light.png` });
}
await page.close();

for (const [what, options] of Object.entries({
  "wide-dark": { scheme: "dark" },
  "narrow-light": { width: 360, height: 740 },
  "narrow-dark": { width: 360, height: 740, scheme: "dark" },
})) {
  const page = await open(options);
  if (shots) await page.screenshot({ path: `${shots}/${what}.png` });
  await page.click("#open");
  const spill = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  assert.ok(spill <= 0, `${what}: ${spill} pixels too wide`);
  if (shots) {
    await page.$eval("details.file", file => file.scrollIntoView());
    await page.screenshot({ path: `${shots}/${what}-file.png` });
  }
  await accessible(page, what);
  await page.close();
}

// Without script everything is there, and the filters, which would do nothing, are not.
const plain = await open({ script: false });
assert.equal(await visible(plain), all);
assert.equal(await plain.$eval("#filter", form => form.checkVisibility()), false);
await plain.click("details.file > summary");
assert.ok(await plain.$eval("details.file", file => file.open));
// On paper, closed sections are read too.
await plain.emulateMediaType("print");
assert.ok(await plain.$$eval("details.file .body", bodies => bodies.every(body => body.getBoundingClientRect().height > 0)));

await browser.close();
assert.deepEqual(troubles, []);
console.log(`  ${all} files: filters, keyboard, no script, print, axe on five views`);
