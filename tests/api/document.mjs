// SPDX-License-Identifier: MIT
//
// document.mjs - the document by path, method and status: how the answer is
// described.

import SwaggerParser from '@apidevtools/swagger-parser';
import Ajv from 'ajv';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'];
const ajv = new Ajv({ strict: false, validateFormats: false });

// An object has the members that are described, and no others.
function closed(schema) {
	return schema.type === 'object' && schema.required?.includes('info')
		? schema : { additionalProperties: schema.type !== 'object', ...schema };
}

function answer(response) {
	const content = response.content ?? {};
	return {
		headers: new Map(Object.entries(response.headers ?? {}).map(
			([name, h]) => [name.toLowerCase(), h.schema.type])),
		bodies: new Map(Object.entries(content).map(
			([type, c]) => [type, ajv.compile(closed(c.schema))])),
		problem: content['application/problem+json']?.example,
	};
}

// load(file): {ids, answers: Map("METHOD path status" -> answer)}; throws
// the fault of the document.
export async function load(file) {
	const document = await SwaggerParser.validate(file);
	const result = { ids: [], answers: new Map() };
	for (const [path, item] of Object.entries(document.paths))
		for (const method of METHODS.filter((m) => item[m])) {
			result.ids.push(item[method].operationId);
			for (const [status, r] of Object.entries(item[method].responses))
				result.answers.set(
					`${method.toUpperCase()} ${path} ${status}`, answer(r));
		}
	return result;
}

// Fields that every answer may have; documents do not list them.
const ALWAYS = ['date', 'content-length', 'content-type', 'connection'];

// differences(said, got, isHead): how an answer differs from what is said.
export function differences(said, got, isHead) {
	const wrong = [];
	const names = got.headers.map(([name]) => name);
	for (const name of names)
		if (!said.headers.has(name) && !ALWAYS.includes(name))
			wrong.push(`the field ${name} is not documented`);
	for (const [name, type] of said.headers) {
		const value = got.headers.find(([n]) => n === name)?.[1];
		if (value === undefined)
			wrong.push(`there is no field ${name}`);
		else if (type === 'integer' && !/^[0-9]+$/.test(value))
			wrong.push(`${name}: ${value} is no ${type}`);
	}
	if (new Set(names).size !== names.length)
		wrong.push(`a field comes twice: ${names}`);
	return isHead ? wrong : wrong.concat(bodyDifferences(said, got));
}

function bodyDifferences(said, got) {
	const type = got.headers.find(([n]) => n === 'content-type')?.[1]
		.split(';')[0];
	if (said.bodies.size === 0)
		return got.body === '' && type === undefined ? []
			: [`there is a body: ${type} ${got.body}`];
	const validate = said.bodies.get(type);
	if (validate === undefined)
		return [`the type ${type} is not documented`];
	try {
		const value = /json$/.test(type) ? JSON.parse(got.body) : got.body;
		return validate(value) ? []
			: [`${ajv.errorsText(validate.errors)} in ${got.body}`];
	} catch (error) {
		return [`${error.message} in ${got.body}`];
	}
}
