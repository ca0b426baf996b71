import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Ollama } from 'ollama';

const embedder = process.env.HEARTH_EMBEDDER;
const client = new Ollama({ host: process.env.HEARTH_URL });
const messages = [{ role: 'user', content: 'What is Hearth?' }];
const options = { temperature: 0 };
let answer;

before(async () => {
  answer = await client.chat({ model: 'guide', messages, options });
});

test('models are listed and shown', async () => {
  const { models } = await client.list();
  assert.ok(models.some(model => model.name === 'guide:latest'));
  const shown = await client.show({ model: 'guide' });
  assert.equal(shown.details.format, 'gguf');
  assert.deepEqual(shown.capabilities, ['completion']);
  assert.match((await client.version()).version, /^\d+\.\d+\.\d+$/);
});

test('an answer has a reason and counters', () => {
  assert.match(answer.message.content, /Hearth/);
  assert.equal(answer.message.role, 'assistant');
  assert.equal(answer.done_reason, 'stop');
  assert.ok(answer.total_duration >= answer.prompt_eval_duration + answer.eval_duration);
  assert.ok(answer.eval_count > 0);
});

test('a stream gives the same text', async () => {
  let text = '';
  let last;
  for await (const part of await client.chat({ model: 'guide', messages, options, stream: true })) {
    text += part.message.content;
    last = part;
  }
  assert.equal(text, answer.message.content);
  assert.equal(last.done, true);
});

test('generate answers, and goes on with its context', async () => {
  const first = await client.generate({ model: 'guide', prompt: messages[0].content, options });
  assert.equal(first.response, answer.message.content);
  const second = await client.generate({ model: 'guide', prompt: 'And then?', context: first.context, options: { ...options, num_predict: 4 } });
  assert.ok(second.prompt_eval_count > first.context.length);
});

test('a stream can be ended', async () => {
  const stream = await client.generate({ model: 'guide', prompt: messages[0].content, options: { num_predict: 50_000, ignore_eos: true }, stream: true });
  await assert.rejects(async () => {
    for await (const part of stream) {
      assert.equal(typeof part.response, 'string');
      stream.abort();
    }
  }, { name: 'AbortError' });
});

test('what is loaded is told, and unloaded when asked', async () => {
  await client.generate({ model: 'guide', prompt: '', keep_alive: '10m' });
  assert.ok((await client.ps()).models.some(model => model.name === 'guide:latest'));
  assert.equal((await client.generate({ model: 'guide', prompt: '', keep_alive: 0 })).done_reason, 'unload');
  assert.ok(!(await client.ps()).models.some(model => model.name === 'guide:latest'));
});

test('embeddings have length one', { skip: !embedder }, async () => {
  const { embeddings } = await client.embed({ model: embedder, input: ['one', 'two'] });
  assert.equal(embeddings.length, 2);
  for (const vector of embeddings) {
    assert.ok(Math.abs(vector.reduce((sum, value) => sum + value * value, 0) - 1) < 1e-3);
  }
});

test('errors are told', async () => {
  await assert.rejects(client.chat({ model: 'none', messages }), { name: 'ResponseError', status_code: 404, message: "model 'none' not found" });
  await assert.rejects(client.chat({ model: 'guide', messages, think: true }), { status_code: 400, message: '"guide" does not support thinking' });
});

test('an answer follows a schema', async () => {
  const format = { type: 'object', properties: { colour: { enum: ['red', 'green'] }, count: { type: 'integer', minimum: 1, maximum: 9 } }, required: ['colour', 'count'] };
  const { message } = await client.chat({ model: 'guide', messages, options, format });
  const { colour, count } = JSON.parse(message.content);
  assert.ok(['red', 'green'].includes(colour) && Number.isInteger(count) && count >= 1 && count <= 9);
  const { response } = await client.generate({ model: 'guide', prompt: messages[0].content, options: { ...options, num_predict: 300 }, format: 'json' });
  assert.match(response, /^\s*\{/);
});

test('a tool is called, and its result answered', async () => {
  const tools = [{ type: 'function', function: { name: 'add', description: 'Adds', parameters: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } } } }];
  const conversation = [{ role: 'user', content: '1.5 + 2?' }];
  const { message } = await client.chat({ model: 'caller', messages: conversation, tools, think: true });
  assert.equal(message.thinking.trim(), 'A sum.');
  assert.deepEqual(message.tool_calls.map(call => call.function), [{ name: 'add', arguments: { a: 1.5, b: 2 } }].map((call, index) => ({ ...message.tool_calls[index].function, ...call })));
  conversation.push(message, { role: 'tool', tool_name: 'add', content: '3.5' });
  let text = '';
  for await (const part of await client.chat({ model: 'caller', messages: conversation, tools, stream: true })) {
    text += part.message.content;
  }
  assert.equal(text, 'It is 3.5.');
});
