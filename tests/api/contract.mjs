// SPDX-License-Identifier: MIT
//
// contract.mjs - the document says what the server does.
//     node contract.mjs URL ADMIN EMPTY NAME DOCUMENT
// URL serves tokens, EMPTY has the same configuration and no token to give;
// NAME stands for {name}.  Each answer that the document lists is provoked and
// compared with it, down to the text of a problem; and any other request must
// be answered as the document says.  Prints the differences; exit status 1.

import { differences, load } from './document.mjs';
import { field, head, send, sleep } from './http.mjs';

const [URL_, ADMIN, EMPTY, NAME, FILE] = process.argv.slice(2);
const { ids, answers } = await load(FILE);
const listed = [...answers.keys()];
const provoked = new Set();
let wrong = 0;

function complain(text) {
	console.log(text);
	wrong++;
}

const concrete = (path) => path.replace('{name}', NAME)
	.replace('{rest}', 'any/thing');

function compare(key, got) {
	for (const text of differences(answers.get(key), got,
		key.startsWith('HEAD')))
		complain(`${key}: ${text}`);
}

// compareAll(key, got): the example of a problem is the very problem, too.
function compareAll(key, got) {
	compare(key, got);
	const { problem } = answers.get(key);
	if (problem && JSON.stringify(problem) !== got.body.trim())
		complain(`${key}: ${got.body} is not the example`);
}

// ---- what makes the server answer with a status ---------------------------

const many = Array.from({ length: 300 }, (_, i) => `F${i}: x\r\n`).join('');
const provoke = {
	200: (m, p) => send(URL_, head(m, p)),
	304: (m, p) => send(URL_, head(m, p, { 'If-None-Match': '*' })),
	400: (m, p) => send(URL_, `${m} ${p} HTTP/1.1\r\nHost: localhost\r\n Host: localhost\r\n\r\n`),
	403: (m, p) => send(URL_, head(m, p, { Host: 'foreign.example' })),
	405: (m, p) => send(URL_, head('PUT', p)),
	408: (m, p) => send(URL_, `${m} ${p} HTTP/1.1\r\nHo`),
	412: (m, p) => send(URL_, head(m, p, { 'If-Match': '"other"' })),
	413: (m, p) => send(URL_, head(m, p, { 'Content-Length': '9'.repeat(20) })),
	414: (m, p) => send(URL_, head(m, `${p}?${'x'.repeat(17000)}`)),
	428: (m, p) => send(URL_, head(m, p)),
	431: (m, p) => send(URL_, `${m} ${p} HTTP/1.1\r\nHost: localhost\r\n${many}\r\n`),
	501: (m, p) => send(URL_, head(m, p, { 'Transfer-Encoding': 'gzip' })),
	503: (m, p) => send(EMPTY, head(m, p)),
	505: (m, p) => send(URL_, head(m, p, {}, 'HTTP/2.0')),
};

async function one(key) {
	const [method, path, status] = key.split(' ');
	const got = status === '404'
		? await send(URL_, head(method, path.replace('{name}', 'nobody')
			.replace('{rest}', 'x')))
		: await provoke[status](method, concrete(path));
	if (got.status !== Number(status))
		return complain(`${key}: ${got.status} came instead`);
	provoked.add(key);
	compareAll(key, got);
}

// ---- reports, which depend on what was reported before --------------------

async function report(path, fields) {
	const current = field(await send(URL_, head('GET', path)), 'etag');
	const got = await send(URL_, head('DELETE', path,
		{ 'If-Match': current, ...fields }));
	const key = `DELETE ${path0(path)} ${got.status}`;
	if (!answers.has(key))
		return complain(`${key} is not documented`);
	provoked.add(key);
	compareAll(key, got);
}

const path0 = (path) => listed.map((key) => key.split(' ')[1])
	.find((p) => concrete(p) === path);

// The refresher stands still for a moment, so that a report gets no answer.
async function reportToNobody(path) {
	const status = JSON.parse((await send(ADMIN, head('GET', '/status.json')))
		.body);
	const { pid } = status.processes.find(({ role }) => role === 'refresher');
	process.kill(pid, 'SIGSTOP');
	try {
		await report(path);
	} finally {
		process.kill(pid, 'SIGCONT');
	}
}

async function reports(path) {
	const key = (status) => `DELETE ${path0(path)} ${status}`;
	for (let i = 0; i < 60; i++) {
		if (provoked.has(key(202)) && provoked.has(key(429)))
			break;
		await report(path);
		await sleep(provoked.has(key(202)) ? 100 : 500);
	}
	await reportToNobody(path);
}

// ---- what the document does not list ----------------------------------------

const others = [{}, { 'If-None-Match': '*' }, { 'If-Match': '"x"' },
	{ Range: 'bytes=0-1' }, { Accept: 'text/plain' },
	{ 'Accept-Encoding': 'identity' }, { 'Cache-Control': 'min-fresh=999999' },
	{ Authorization: 'Bearer x' }, { Expect: '100-continue' },
	{ 'Content-Length': '5' }];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS',
	'TRACE', 'BREW'];

// To a method that is not listed a path answers as to its GET.
async function surprise(url, method, path, fields) {
	const got = await send(url, head(method, concrete(path), fields));
	// HTTP's own: the document does not list it.
	if (method === 'OPTIONS' && !path.includes('/auth'))
		return got.status === 204 && field(got, 'allow') !== undefined
			? undefined : complain(`OPTIONS ${path}: ${got.status}`);
	const as = listed.some((k) => k.startsWith(`${method} ${path} `))
		? method : 'GET';
	const key = `${as} ${path} ${got.status}`;
	if (!listed.includes(key))
		return complain(`${method} ${path} ${JSON.stringify(fields)}: ` +
			`${got.status} is not documented`);
	if (as === method)
		compare(key, got);
}

// ---------------------------------------------------------------------------

// all(tasks): a few at a time.
async function all(tasks, width = 16) {
	const rest = [...tasks];
	await Promise.all(Array.from({ length: width }, async () => {
		while (rest.length > 0)
			await rest.shift()();
	}));
}

if (new Set(ids).size !== ids.length)
	complain('an operationId comes twice');
const deletes = listed.filter((k) => /^DELETE \S*token\S* (202|429|503)$/
	.test(k) && !k.includes('/auth'));
const simple = listed.filter((k) => !deletes.includes(k));
for (const key of simple)
	if (provoke[key.split(' ')[2]] === undefined && !key.endsWith(' 404'))
		complain(`${key}: this test does not know how to provoke it`);
if (wrong === 0) {
	await all(simple.filter((k) => k.endsWith(' 408')).map((k) => () => one(k)),
		1000);
	await all(simple.filter((k) => !k.endsWith(' 408')).map((k) => () => one(k)));
	for (const path of new Set(deletes.map((k) => k.split(' ')[1])))
		await reports(concrete(path));
	const paths = [...new Set(listed.map((k) => k.split(' ')[1]))];
	await all(paths.flatMap((path) => methods.flatMap((method) =>
		others.flatMap((fields) => [URL_, EMPTY].map((url) =>
			() => surprise(url, method, path, fields))))));
}
for (const key of listed)
	if (!provoked.has(key))
		complain(`${key} is documented, and did not happen`);
console.log(`${provoked.size} of ${listed.length} documented answers provoked`);
process.exit(wrong > 0 ? 1 : 0);
