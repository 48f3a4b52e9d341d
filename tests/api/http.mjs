// SPDX-License-Identifier: MIT
//
// http.mjs - one request, byte by byte, on a connection of its own.

import net from 'node:net';

// send(url, text): what the server answers until it closes: {status, headers:
// [[name, value]], body}.  Names are in lower case.
export function send(url, text) {
	const { hostname, port } = new URL(url);
	return new Promise((resolve, reject) => {
		const socket = net.connect(port, hostname, () => socket.write(text));
		const parts = [];
		socket.setTimeout(20000, () => socket.destroy(new Error('silence')));
		socket.on('data', (part) => parts.push(part));
		socket.on('error', reject);
		socket.on('end', () => resolve(parse(Buffer.concat(parts))));
	});
}

function parse(bytes) {
	const end = bytes.indexOf('\r\n\r\n');
	const [line, ...fields] = bytes.subarray(0, end).toString('latin1')
		.split('\r\n');
	const headers = fields.map((field) => {
		const colon = field.indexOf(':');
		return [field.slice(0, colon).toLowerCase(),
			field.slice(colon + 1).trim()];
	});
	return {
		status: Number(line.split(' ')[1]),
		headers,
		body: bytes.subarray(end + 4).toString('utf8'),
	};
}

// head(method, path, fields): a request that closes its connection.
export function head(method, path, fields = {}, version = 'HTTP/1.1') {
	const lines = Object.entries({ Host: 'localhost', Connection: 'close', ...fields })
		.map(([name, value]) => `${name}: ${value}\r\n`);
	return `${method} ${path} ${version}\r\n${lines.join('')}\r\n`;
}

export function field(answer, name) {
	return answer.headers.find(([n]) => n === name)?.[1];
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
