import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const baseURL = `${process.env.HEARTH_URL}/v1`;
const client = new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 });
const question = [{ role: 'user', content: 'What is Hearth?' }];
let answer;

before(async () => {
  answer = await client.chat.completions.create({ model: 'guide', messages: question, temperature: 0 });
});

test('a response has the text of a chat, and is kept until it is deleted', async () => {
  const response = await client.responses.create({ model: 'guide', input: 'What is Hearth?', temperature: 0, metadata: { by: 'test' } });
  assert.equal(response.status, 'completed');
  assert.equal(response.output_text, answer.choices[0].message.content);
  assert.deepEqual(response.metadata, { by: 'test' });
  assert.equal(response.usage.total_tokens, answer.usage.total_tokens);

  const kept = await client.responses.retrieve(response.id);
  assert.equal(kept.output_text, response.output_text);
  const items = [];
  for await (const item of client.responses.inputItems.list(response.id, { limit: 1 })) {
    items.push(item);
  }

  assert.deepEqual(items.map(item => item.content), [[{ type: 'input_text', text: 'What is Hearth?' }]]);
  await assert.rejects(client.responses.cancel(response.id), BadRequestError);
  await client.responses.delete(response.id);
  await assert.rejects(client.responses.retrieve(response.id), NotFoundError);
});

test('a streamed response gives the same text, by events and by the helper', async () => {
  const request = { model: 'guide', input: 'What is Hearth?', temperature: 0 };
  let text = '';
  let last;
  for await (const event of await client.responses.create({ ...request, stream: true })) {
    text += event.type === 'response.output_text.delta' ? event.delta : '';
    last = event;
  }

  assert.equal(text, answer.choices[0].message.content);
  assert.equal(last.type, 'response.completed');
  const snapshots = [];
  const stream = client.responses.stream(request).on('response.output_text.delta', event => snapshots.push(event.snapshot));
  const final = await stream.finalResponse();
  assert.equal(final.output_text, text);
  assert.equal(snapshots.at(-1), text);
});

test('previous_response_id goes on with the conversation, as a chat that is sent whole', async () => {
  const first = await client.responses.create({ model: 'guide', input: question, instructions: 'Be brief.', temperature: 0 });
  const next = { model: 'guide', input: 'How do I run a model?', temperature: 0 };
  const second = await client.responses.create({ ...next, previous_response_id: first.id });
  const { input_tokens: counted } = await client.responses.inputTokens.count({ model: 'guide', input: next.input, previous_response_id: first.id });
  const chat = await client.chat.completions.create({
    model: 'guide', temperature: 0,
    messages: [...question, { role: 'assistant', content: first.output_text }, { role: 'user', content: next.input }],
  });
  assert.equal(second.previous_response_id, first.id);
  assert.equal(second.output_text, chat.choices[0].message.content);
  assert.equal(second.usage.input_tokens, chat.usage.prompt_tokens);
  assert.equal(counted, chat.usage.prompt_tokens);

  const sent = await client.responses.create({ ...next, input: [...question, ...first.output, { role: 'user', content: next.input }], store: false });
  assert.equal(sent.output_text, second.output_text);
  await assert.rejects(client.responses.create({ ...next, previous_response_id: sent.id }), error => error instanceof BadRequestError && error.code === 'previous_response_not_found');
});

test('a response is parsed by its schema', async () => {
  const shape = z.object({ answer: z.enum(['yes', 'no']), sure: z.boolean() });
  const request = { model: 'guide', input: 'Is Hearth a program?', temperature: 0, text: { format: zodTextFormat(shape, 'verdict') } };
  const parsed = (await client.responses.parse(request)).output_parsed;
  assert.deepEqual(shape.parse(parsed), parsed);
  const streamed = await client.responses.stream(request).finalResponse();
  assert.deepEqual(streamed.output_parsed, parsed);
});

test('log-probabilities of a response cover its text', async () => {
  const response = await client.responses.create({
    model: 'guide', input: 'What is Hearth?', temperature: 0, max_output_tokens: 5, include: ['message.output_text.logprobs'], top_logprobs: 2,
  });
  const [{ text, logprobs }] = response.output[0].content;
  assert.equal(response.status, 'incomplete');
  assert.equal(response.incomplete_details.reason, 'max_output_tokens');
  assert.equal(Buffer.from(logprobs.flatMap(token => token.bytes)).toString(), text);
  assert.ok(logprobs.every(token => token.top_logprobs.length === 2));
});

test('errors of responses name the field', async () => {
  const refused = async (change, param, code) => {
    const error = await client.responses.create({ model: 'guide', input: 'Hi', ...change }).then(() => assert.fail('accepted'), failure => failure);
    assert.ok(error instanceof BadRequestError, String(error));
    assert.equal(error.param, param);
    assert.equal(error.code, code);
  };

  await refused({ background: true }, 'background', 'unsupported_parameter');
  await refused({ tools: [{ type: 'web_search' }] }, 'tools[0].type', 'unsupported_parameter');
  await refused({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'http://a' }] }] }, 'input[0].content[0].type', 'unsupported_parameter');
  await refused({ input: 'word '.repeat(200_000) }, 'input', 'context_length_exceeded');
});

test('calls are made and answered in a conversation that is kept', async () => {
  const tools = [{ type: 'function', name: 'add', strict: false, parameters: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } } }];
  const first = await client.responses.create({ model: 'caller', input: '1.5 + 2?', tools });
  assert.deepEqual(first.output.map(item => item.type), ['reasoning', 'message', 'function_call']);
  const call = first.output[2];
  assert.deepEqual(JSON.parse(call.arguments), { a: 1.5, b: 2 });
  const result = { type: 'function_call_output', call_id: call.call_id, output: '3.5' };
  const second = await client.responses.create({ model: 'caller', input: [result], tools, previous_response_id: first.id });
  assert.equal(second.output_text, 'It is 3.5.');

  const streamed = await client.responses.stream({ model: 'caller', input: '1.5 + 2?', tools, store: false }).finalResponse();
  assert.deepEqual(streamed.output.map(item => item.type), ['reasoning', 'message', 'function_call']);
  assert.equal(streamed.output[0].content[0].text.trim(), 'A sum.');
  const sent = await client.responses.create({ model: 'caller', input: [{ role: 'user', content: '1.5 + 2?' }, ...streamed.output, { ...result, call_id: streamed.output[2].call_id }], tools });
  assert.equal(sent.output_text, 'It is 3.5.');
  assert.equal(sent.usage.input_tokens, second.usage.input_tokens);
});

// Vercel's provider of OpenAI, which uses this API unless told otherwise.
const provider = createOpenAI({ baseURL, apiKey: 'any' });
const request = { model: provider('guide'), prompt: 'What is Hearth?', temperature: 0, maxRetries: 0 };

test("Vercel's SDK gets a text, whole and streamed", async () => {
  const { text, usage } = await generateText(request);
  assert.equal(text, answer.choices[0].message.content);
  assert.equal(usage.totalTokens, answer.usage.total_tokens);
  assert.equal(await streamText(request).text, text);
});

test("Vercel's SDK gets an object that follows its schema", async () => {
  const schema = z.object({ colour: z.enum(['red', 'green']), sure: z.boolean() });
  const { object } = await generateObject({ ...request, schema });
  assert.ok(schema.safeParse(object).success);
});

test("Vercel's SDK calls a tool, and refers to what was said before", async () => {
  for (const store of [true, false]) {
    const calls = [];
    const add = tool({ description: 'Adds', inputSchema: z.object({ a: z.number(), b: z.number() }), execute: async ({ a, b }) => { calls.push([a, b]); return a + b; } });
    const options = { ...request, model: provider('caller'), tools: { add }, stopWhen: stepCountIs(3), providerOptions: { openai: { store, include: ['reasoning.encrypted_content'], strictJsonSchema: false } } };
    assert.equal((await generateText(options)).text, 'It is 3.5.');
    assert.equal(await streamText(options).text, 'It is 3.5.');
    assert.deepEqual(calls, [[1.5, 2], [1.5, 2]]);
  }
});
