import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import OpenAI, { BadRequestError, NotFoundError, toFile } from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const url = process.env.HEARTH_URL;
const embedder = process.env.HEARTH_EMBEDDER;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
const question = [{ role: 'user', content: 'What is Hearth?' }];
const greedy = { model: 'guide', messages: question, temperature: 0 };
let answer;

before(async () => {
  answer = await client.chat.completions.create(greedy);
});

test('models are listed and found by name', async () => {
  const models = await client.models.list();
  assert.deepEqual(models.data.map(model => model.id), ['guide', 'caller', ...(embedder ? [embedder] : [])]);
  assert.equal((await client.models.retrieve('guide')).object, 'model');
  await assert.rejects(client.models.retrieve('nothing'), NotFoundError);
});

test('a chat completion has an answer, a reason and usage', () => {
  const [choice] = answer.choices;
  assert.equal(choice.message.role, 'assistant');
  assert.match(choice.message.content, /Hearth/);
  assert.equal(choice.finish_reason, 'stop');
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
});

test('a stream gives the same text, then the reason, then usage', async () => {
  const stream = await client.chat.completions.create({ ...greedy, stream: true, stream_options: { include_usage: true } });
  let text = '';
  let reason;
  let usage;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    reason ??= chunk.choices[0]?.finish_reason;
    usage = chunk.usage;
  }

  assert.equal(text, answer.choices[0].message.content);
  assert.equal(reason, 'stop');
  assert.deepEqual(usage, answer.usage);
});

test('the stream helper puts a message together', async () => {
  const stream = client.chat.completions.stream(greedy);
  assert.equal(await stream.finalContent(), answer.choices[0].message.content);
});

test('several choices, each with its own seed, are the same again with the same seed', async () => {
  const request = { ...greedy, temperature: 1.5, seed: 7, n: 3, max_completion_tokens: 12 };
  const first = await client.chat.completions.create(request);
  const second = await client.chat.completions.create(request);
  const texts = completion => completion.choices.map(choice => choice.message.content);
  assert.equal(first.choices.length, 3);
  assert.deepEqual(texts(first), texts(second));
});

test('max_completion_tokens ends with length', async () => {
  const short = await client.chat.completions.create({ ...greedy, max_completion_tokens: 3 });
  assert.equal(short.choices[0].finish_reason, 'length');
  assert.equal(short.usage.completion_tokens, 3);
  assert.ok(answer.choices[0].message.content.startsWith(short.choices[0].message.content));
});

test('a stop text ends the answer', async () => {
  const word = answer.choices[0].message.content.split(' ')[3];
  const stopped = await client.chat.completions.create({ ...greedy, stop: [word] });
  assert.equal(stopped.choices[0].finish_reason, 'stop');
  assert.equal(stopped.choices[0].message.content, answer.choices[0].message.content.split(word)[0]);
});

test('log-probabilities cover the text', async () => {
  const completion = await client.chat.completions.create({ ...greedy, max_completion_tokens: 5, logprobs: true, top_logprobs: 2 });
  const { content } = completion.choices[0].logprobs;
  assert.equal(Buffer.from(content.flatMap(token => token.bytes)).toString(), completion.choices[0].message.content);
  assert.ok(content.every(token => token.logprob <= 0 && token.top_logprobs.length === 2 && token.top_logprobs[0].token === token.token));
});

test('a text completion continues a prompt, streamed or not', async () => {
  const request = { model: 'guide', prompt: '<|im_start|>user\nWhat is Hearth?<|im_end|>\n<|im_start|>assistant\n', temperature: 0 };
  const completion = await client.completions.create(request);
  let text = '';
  for await (const chunk of await client.completions.create({ ...request, stream: true })) {
    text += chunk.choices[0]?.text ?? '';
  }

  assert.equal(completion.choices[0].text, answer.choices[0].message.content);
  assert.equal(text, completion.choices[0].text);
});

test('errors are OpenAI errors that name the field', async () => {
  const refused = async (change, param, code) => {
    const error = await client.chat.completions.create({ ...greedy, ...change }).then(() => assert.fail('accepted'), failure => failure);
    assert.ok(error instanceof BadRequestError, String(error));
    assert.equal(error.param, param);
    assert.equal(error.code, code);
  };

  await refused({ temperature: -1 }, 'temperature', 'invalid_value');
  await refused({ max_tokens: 0 }, 'max_tokens', 'invalid_value');
  await refused({ messages: [] }, 'messages', 'invalid_value');
  await refused({ invented: 1 }, 'invented', 'unsupported_parameter');
  await refused({ tools: [{ type: 'code_interpreter' }] }, 'tools[0].type', 'unsupported_parameter');
  await refused({ messages: [{ role: 'user', content: 'word '.repeat(200_000) }] }, 'messages', 'context_length_exceeded');
});

test('leaving a stream frees the model for the next request', async () => {
  const stream = await client.chat.completions.create({ ...greedy, stream: true, ignore_eos: true });
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) {
      break;
    }
  }

  const next = await client.chat.completions.create(greedy);
  assert.equal(next.choices[0].message.content, answer.choices[0].message.content);
});

test('texts become vectors of length 1, as floats and as base64', async () => {
  const model = embedder || 'guide';
  const input = ['one text', 'another one', 'one text'];
  const vectors = await client.embeddings.create({ model, input });
  const floats = await client.embeddings.create({ model, input, encoding_format: 'float' });
  assert.deepEqual(vectors.data.map(entry => entry.index), [0, 1, 2]);
  assert.deepEqual(vectors.data[0].embedding, vectors.data[2].embedding);
  assert.notDeepEqual(vectors.data[0].embedding, vectors.data[1].embedding);
  for (const [index, { embedding }] of vectors.data.entries()) {
    assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5);
    assert.deepEqual([...embedding].map(Math.fround), floats.data[index].embedding.map(Math.fround));
  }

  assert.equal(vectors.usage.total_tokens, vectors.usage.prompt_tokens);
});

test('dimensions cut vectors', async () => {
  const { data: [{ embedding }] } = await client.embeddings.create({ model: embedder || 'guide', input: 'one text', dimensions: 16 });
  assert.equal(embedding.length, 16);
  assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5);
  await assert.rejects(client.embeddings.create({ model: embedder || 'guide', input: '' }), BadRequestError);
});

test('embeddings are made while a chat streams', async () => {
  const stream = await client.chat.completions.create({ ...greedy, stream: true, ignore_eos: true });
  let vectors = 0;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content && vectors++ < 3) {
      await client.embeddings.create({ model: embedder || 'guide', input: 'a text' });
    } else if (vectors > 3) {
      break;
    }
  }

  assert.ok(vectors > 3);
});

test('an embedding model cannot chat', { skip: !embedder }, async () => {
  const error = await client.chat.completions.create({ ...greedy, model: embedder }).then(() => assert.fail('accepted'), failure => failure);
  assert.ok(error instanceof BadRequestError, String(error));
  assert.equal(error.param, 'model');
});

const Pick = z.object({ colour: z.enum(['red', 'green']), count: z.number().int().min(1).max(9), note: z.string().max(12).nullable() });

test('an answer is parsed by its schema', async () => {
  const request = { ...greedy, response_format: zodResponseFormat(Pick, 'pick') };
  const completion = await client.chat.completions.parse(request);
  assert.ok(Pick.safeParse(completion.choices[0].message.parsed).success);
  const streamed = await client.chat.completions.stream(request).finalChatCompletion();
  assert.deepEqual(streamed.choices[0].message.parsed, completion.choices[0].message.parsed);
});

test('a call can be demanded, and its arguments follow the schema', async () => {
  const tools = [zodFunction({ name: 'pick', parameters: Pick })];
  for (const tool_choice of ['required', { type: 'function', function: { name: 'pick' } }]) {
    const completion = await client.chat.completions.parse({ ...greedy, tools, tool_choice, parallel_tool_calls: false });
    const [call, ...more] = completion.choices[0].message.tool_calls;
    assert.equal(more.length, 0);
    assert.equal(completion.choices[0].finish_reason, 'tool_calls');
    assert.ok(Pick.safeParse(call.function.parsed_arguments).success);
    const streamed = await client.chat.completions.stream({ ...greedy, tools, tool_choice, parallel_tool_calls: false }).finalChatCompletion();
    assert.equal(streamed.choices[0].message.tool_calls[0].function.arguments, call.function.arguments);
  }
});

test('the tool runner calls a tool and answers with its result', async () => {
  for (const stream of [false, true]) {
    const calls = [];
    const add = { name: 'add', parameters: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } }, parse: JSON.parse };
    const tools = [{ type: 'function', function: { ...add, function: ({ a, b }) => { calls.push([a, b]); return String(a + b); } } }];
    const runner = client.chat.completions.runTools({ model: 'caller', messages: [{ role: 'user', content: '1.5 + 2?' }], tools, stream });
    assert.equal(await runner.finalContent(), 'It is 3.5.');
    assert.deepEqual(calls, [[1.5, 2]]);
  }
});

test('a batch is sent as a file, waited for, and read as a file', async () => {
  const lines = [1, 2, 3].map(n => ({
    custom_id: `line-${n}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { ...greedy, max_tokens: n === 3 ? -1 : 8 * n },
  }));
  const content = Buffer.from(lines.map(line => JSON.stringify(line)).join('\n'));
  const file = await client.files.create({
    file: await toFile(content, 'lines.jsonl'),
    purpose: 'batch',
    expires_after: { anchor: 'created_at', seconds: 3600 },
  });
  assert.equal(file.bytes, content.length);
  assert.equal(file.expires_at - file.created_at, 3600);
  assert.deepEqual(await client.files.retrieve(file.id), file);
  assert.deepEqual(Buffer.from(await (await client.files.content(file.id)).arrayBuffer()), content);

  let batch = await client.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { who: 'me' },
  });
  while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
    await new Promise(resolve => setTimeout(resolve, 100));
    batch = await client.batches.retrieve(batch.id);
  }

  assert.equal(batch.status, 'completed', JSON.stringify(batch));
  assert.deepEqual(batch.request_counts, { total: 3, completed: 2, failed: 1 });
  const parse = async id => (await (await client.files.content(id)).text()).trim().split('\n').map(line => JSON.parse(line));
  const answers = await parse(batch.output_file_id);
  assert.deepEqual(answers.map(line => line.custom_id).sort(), ['line-1', 'line-2']);
  const alone = await client.chat.completions.create(lines[0].body);
  assert.deepEqual(answers.find(line => line.custom_id === 'line-1').response.body.choices, alone.choices);
  const [failure] = await parse(batch.error_file_id);
  assert.equal(failure.response.status_code, 400);
  assert.equal(failure.response.body.error.param, 'max_tokens');

  const listed = [];
  for await (const entry of client.batches.list({ limit: 1 })) {
    listed.push(entry.id);
  }

  assert.ok(listed.includes(batch.id));
  await assert.rejects(client.batches.cancel(batch.id), BadRequestError);
  for (const id of [file.id, batch.output_file_id, batch.error_file_id]) {
    assert.equal((await client.files.delete(id)).deleted, true);
    await assert.rejects(client.files.retrieve(id), NotFoundError);
  }
});

test('a prompt is echoed with its log-probabilities, and the best answers are chosen', async () => {
  const { choices: [choice] } = await client.completions.create({ model: 'guide', prompt: 'Hearth is', max_tokens: 0, echo: true, logprobs: 1 });
  assert.equal(choice.text, 'Hearth is');
  assert.equal(choice.logprobs.token_logprobs[0], null);
  assert.ok(choice.logprobs.token_logprobs.slice(1).every(number => number <= 0));
  const best = await client.completions.create({ model: 'guide', prompt: 'Hearth is', max_tokens: 4, ignore_eos: true, best_of: 3, n: 1, seed: 1 });
  assert.equal(best.choices.length, 1);
  assert.equal(best.usage.completion_tokens, 12);
});

test('what is not here says so', async () => {
  const codes = await Promise.all([
    client.moderations.create({ input: 'x' }),
    client.images.generate({ prompt: 'x' }),
    client.vectorStores.list(),
  ].map(request => request.then(() => 'accepted', error => error.code)));
  assert.deepEqual(codes, ['no_moderation_model', 'route_not_supported', 'route_not_supported']);
});
