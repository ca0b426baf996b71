import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import Anthropic, { BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { z } from 'zod';

const url = process.env.HEARTH_URL;
const client = new Anthropic({ baseURL: url, apiKey: 'any', maxRetries: 0 });
const request = { model: 'guide', max_tokens: 200, temperature: 0, messages: [{ role: 'user', content: 'What is Hearth?' }] };
let answer;

before(async () => {
  answer = await client.messages.create(request);
});

test('models are listed, page by page, and found by name', async () => {
  const ids = [];
  for await (const model of client.models.list({ limit: 1 })) {
    assert.equal(model.type, 'model');
    ids.push(model.id);
  }
  assert.ok(ids.includes('guide'));
  assert.equal((await client.models.retrieve('guide')).display_name, 'guide');
  await assert.rejects(client.models.retrieve('nothing'), NotFoundError);
});

test('an answer has content, a reason and usage', () => {
  assert.equal(answer.type, 'message');
  assert.equal(answer.role, 'assistant');
  assert.equal(answer.content.length, 1);
  assert.match(answer.content[0].text, /Hearth/);
  assert.equal(answer.stop_reason, 'end_turn');
  assert.ok(answer.usage.output_tokens > 0);
  assert.match(answer._request_id, /^req_/);
});

test('a stream gives the same message', async () => {
  const stream = client.messages.stream(request);
  let text = '';
  stream.on('text', delta => { text += delta; });
  const message = await stream.finalMessage();
  assert.equal(text, answer.content[0].text);
  assert.deepEqual(message.content.map(block => [block.type, block.text]), [['text', text]]);
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(message.usage.output_tokens, answer.usage.output_tokens);
});

test('events come in order', async () => {
  const types = [];
  for await (const event of await client.messages.create({ ...request, stream: true })) {
    if (types.at(-1) !== event.type) {
      types.push(event.type);
    }
  }
  assert.deepEqual(types, ['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
});

test('a stop sequence is named', async () => {
  const stopped = await client.messages.create({ ...request, stop_sequences: ['Hearth'] });
  assert.equal(stopped.stop_reason, 'stop_sequence');
  assert.equal(stopped.stop_sequence, 'Hearth');
});

test('tokens are counted', async () => {
  const { max_tokens, temperature, ...conversation } = request;
  const { input_tokens } = await client.messages.countTokens(conversation);
  assert.equal(input_tokens, answer.usage.input_tokens + answer.usage.cache_read_input_tokens);
});

test('tools and their results are taken', async () => {
  const tools = [{ name: 'add', description: 'Adds', input_schema: { type: 'object', properties: { a: { type: 'integer' } } } }];
  const messages = [
    ...request.messages,
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 1 } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '3' }] },
  ];
  const message = await client.messages.create({ ...request, max_tokens: 8, messages, tools });
  assert.equal(message.type, 'message');
});

test('an answer follows a schema', async () => {
  const schema = { type: 'object', properties: { answer: { enum: ['yes', 'no'] } }, required: ['answer'], additionalProperties: false };
  const message = await client.messages.create({ ...request, output_config: { format: { type: 'json_schema', schema } } });
  assert.ok(['yes', 'no'].includes(JSON.parse(message.content[0].text).answer));
});

test('errors are of the right kind', async () => {
  await assert.rejects(client.messages.create({ ...request, model: 'nothing' }), error => error instanceof NotFoundError && error.error.error.type === 'not_found_error');
  await assert.rejects(client.messages.create({ ...request, another: 1 }), error => error instanceof BadRequestError && /another/.test(error.message));
});

const Pick = z.object({ colour: z.enum(['red', 'green']), count: z.number().int().min(1).max(9) });
const pick = { name: 'pick', description: 'Picks', input_schema: z.toJSONSchema(Pick) };

test('a call can be demanded, and its input follows the schema', async () => {
  for (const type of ['any', 'tool']) {
    const tool_choice = { type, disable_parallel_tool_use: true, ...(type === 'tool' ? { name: 'pick' } : {}) };
    const message = await client.messages.create({ ...request, tools: [pick], tool_choice });
    assert.equal(message.stop_reason, 'tool_use');
    const calls = message.content.filter(block => block.type === 'tool_use');
    assert.equal(calls.length, 1);
    assert.ok(Pick.safeParse(calls[0].input).success);
    const streamed = await client.messages.stream({ ...request, tools: [pick], tool_choice }).finalMessage();
    assert.deepEqual(streamed.content.find(block => block.type === 'tool_use').input, calls[0].input);
  }
});

test('the tool runner calls a tool and answers with its result', async () => {
  const calls = [];
  const add = betaZodTool({
    name: 'add',
    description: 'Adds',
    inputSchema: z.object({ a: z.number(), b: z.number() }),
    run: ({ a, b }) => { calls.push([a, b]); return String(a + b); },
  });
  const last = await client.beta.messages.toolRunner({ model: 'caller', max_tokens: 200, messages: [{ role: 'user', content: '1.5 + 2?' }], tools: [add] });
  assert.deepEqual(calls, [[1.5, 2]]);
  assert.equal(last.content.find(block => block.type === 'text').text, 'It is 3.5.');
});

test('a thought comes first when it is asked for', async () => {
  const tools = [{ name: 'add', input_schema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } } }];
  const message = await client.messages.create({
    model: 'caller', max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 }, messages: [{ role: 'user', content: '1.5 + 2?' }], tools,
  });
  assert.deepEqual(message.content.map(block => block.type), ['thinking', 'text', 'tool_use']);
  assert.deepEqual(message.content[2].input, { a: 1.5, b: 2 });
});
