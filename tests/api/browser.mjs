// SPDX-License-Identifier: MIT
//
// browser.mjs - the page /docs in a real browser.
//     node browser.mjs URL PICTURES
// With scripts: the page shows every operation, and sends one that brings a
// token.  Without: the plain page.  Nothing may be asked of another host, and
// nothing be complained of in the console.  Leaves pictures in a folder.

import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [URL_, PICTURES] = process.argv.slice(2);
let wrong = 0;

function expect(holds, text) {
	if (holds)
		return;
	console.log(text);
	wrong++;
}

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
		'--disable-background-networking', '--disable-component-update',
		'--disable-sync'],
});

// open(path, options): a page on which nothing may go wrong.
async function open(path, options = {}) {
	const context = await browser.newContext({
		viewport: { width: 1200, height: 900 }, ...options });
	const page = await context.newPage();
	page.setDefaultTimeout(30000);
	page.on('console', (m) => expect(!['error', 'warning'].includes(m.type()),
		`console: ${m.text()}`));
	page.on('pageerror', (error) => expect(false, `script: ${error.message}`));
	page.on('requestfailed', (r) => expect(false, `failed: ${r.url()}`));
	page.on('request', (r) => expect(r.url().startsWith(`${URL_}/`) ||
		r.url().startsWith('data:'), `another host: ${r.url()}`));
	page.on('response', (r) => expect(r.status() < 400,
		`${r.status()}: ${r.url()}`));
	await page.goto(URL_ + path);
	return page;
}

const token = async () => (await (await fetch(`${URL_}/token`)).json()).token;
const document = await (await fetch(`${URL_}/openapi.json`)).json();
const operations = Object.values(document.paths)
	.flatMap((path) => Object.keys(path)).length;

// By /docs/ too, which leads to it.
const page = await open('/docs/');
await page.waitForSelector('.opblock');
expect(page.url() === `${URL_}/docs`, `the page is at ${page.url()}`);
expect(await page.locator('.opblock').count() === operations,
	`${await page.locator('.opblock').count()} of ${operations} operations`);
expect(await page.locator('#plain').count() === 0,
	'the plain page is shown as well');
await page.screenshot({ path: `${PICTURES}/docs.png` });

const get = page.locator('#operations-tokens-getToken');
await get.locator('.opblock-summary-control, .opblock-summary').first().click();
await get.locator('.try-out__btn').click();
await get.locator('.execute').click();
const live = get.locator('.live-responses-table .response');
await live.waitFor();
const said = await live.innerText();
expect(said.includes('200'), `the answer is ${said}`);
expect(said.includes(await token()), `no token in ${said}`);
await get.locator('.execute-wrapper, .btn-group').first()
	.scrollIntoViewIfNeeded();
await live.scrollIntoViewIfNeeded();
await page.screenshot({ path: `${PICTURES}/docs-token.png` });

const plain = await open('/docs', { javaScriptEnabled: false });
const text = await plain.locator('#plain').innerText();
for (const word of ['/tokens/{name}', 'Report that the backend refused',
	'curl ', 'Retry-After'])
	expect(text.includes(word), `the plain page lacks ${word}`);
await plain.screenshot({ path: `${PICTURES}/docs-plain.png`, fullPage: true });
await browser.close();
expect((await readFile(`${PICTURES}/docs.png`)).length > 20000,
	'the picture is empty');
process.exit(wrong > 0 ? 1 : 0);
