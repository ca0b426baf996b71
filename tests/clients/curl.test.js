import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const url = process.env.HEARTH_URL;
const embedder = process.env.HEARTH_EMBEDDER;
const json = ['-H', 'Content-Type: application/json'];
const messages = [{ role: 'user', content: 'What is Hearth?' }];
const chat = { model: 'guide', messages, temperature: 0, max_tokens: 12 };
const text = { model: 'guide', prompt: 'Hearth is', temperature: 0, max_tokens: 8 };

/** Runs curl, whose output ends with the status and the type of the answer. */
const curl = (path, ...options) => run(path, options);

/** Runs curl with bytes as the body. */
const send = (path, body, ...options) => run(path, ['--data-binary', '@-', ...options], body);

function run(path, options, input) {
  const command = ['-sS', '--max-time', '60', '--path-as-is', '-w', '\n%{http_code} %{content_type}', ...options, url + path];
  return new Promise((resolve, reject) => {
    const { stdin } = execFile('curl', command, { maxBuffer: 1 << 24 }, (error, output) => {
      if (error) {
        reject(error);
        return;
      }

      const end = output.lastIndexOf('\n');
      const [status, ...type] = output.slice(end + 1).split(' ');
      const body = output.slice(0, end);
      resolve({ status: Number(status), type: type.join(' '), body, get json() { return JSON.parse(body); } });
    });
    stdin.on('error', () => {});
    stdin.end(input);
  });
}

const post = (path, body, ...options) => curl(path, ...json, '-d', JSON.stringify(body), ...options);
const events = body => body.split('\n\n').filter(Boolean).map(event => event.split('\n').find(line => line.startsWith('data: ')).slice(6));
const lines = body => body.split('\n').filter(Boolean).map(line => JSON.parse(line));

test('a chat is answered, whole and as a stream', async () => {
  const whole = await post('/v1/chat/completions', chat);
  const stream = await post('/v1/chat/completions', { ...chat, stream: true, stream_options: { include_usage: true } }, '-N');
  const data = events(stream.body);
  assert.deepEqual([whole.status, whole.type], [200, 'application/json; charset=utf-8']);
  assert.deepEqual([stream.status, stream.type.split(';')[0]], [200, 'text/event-stream']);
  assert.equal(data.at(-1), '[DONE]');
  const chunks = data.slice(0, -1).map(event => JSON.parse(event));
  assert.equal(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join(''), whole.json.choices[0].message.content);
  assert.deepEqual(chunks.at(-1).usage.completion_tokens, whole.json.usage.completion_tokens);
});

test('a text is continued at each of its addresses', async () => {
  const { json: first } = await post('/v1/completions', text);
  for (const prefix of ['', '/engines', '/engines/v1', '/engines/llama.cpp', '/engines/llama.cpp/v1', '/openai/v1']) {
    const { status, json: answer } = await post(`${prefix}/completions`, text);
    assert.equal(status, 200, prefix);
    assert.equal(answer.choices[0].text, first.choices[0].text, prefix);
  }

  const { json: native } = await post('/completion', { prompt: text.prompt, temperature: 0, n_predict: 8 });
  assert.equal(native.content, first.choices[0].text);
});

test('a body needs no content type, and may come in chunks and from a file', async () => {
  const body = JSON.stringify({ model: 'guide', messages, stream: false, options: { temperature: 0, num_predict: 4 } });
  const plain = await curl('/api/chat', '-H', 'Content-Type:', '-d', body);
  const chunked = await curl('/api/chat', '-H', 'Transfer-Encoding: chunked', '-d', body);
  const http10 = await curl('/api/chat', '--http1.0', '-d', body);
  const patient = await curl('/api/chat', '-H', 'Expect: 100-continue', '-d', body);
  for (const answer of [plain, chunked, http10, patient]) {
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.json.message.content, plain.json.message.content);
  }
});

test("Ollama's streams are lines of JSON", async () => {
  const answer = await post('/api/generate', { model: 'guide', prompt: 'What is Hearth?', options: { temperature: 0, num_predict: 8 } }, '-N');
  const parts = lines(answer.body);
  assert.deepEqual([answer.status, answer.type], [200, 'application/x-ndjson']);
  assert.ok(parts.length > 2 && parts.slice(0, -1).every(part => part.done === false && typeof part.response === 'string'));
  assert.deepEqual([parts.at(-1).done, parts.at(-1).done_reason, parts.at(-1).eval_count], [true, 'length', 8]);
});

test("Anthropic's answers and events are theirs", async () => {
  const request = { model: 'guide', max_tokens: 8, messages, temperature: 0 };
  const whole = await post('/v1/messages', request, '-H', 'anthropic-version: 2023-06-01', '-H', 'x-api-key: any');
  const stream = await post('/anthropic/v1/messages', { ...request, stream: true }, '-N');
  const names = stream.body.split('\n').filter(line => line.startsWith('event: ')).map(line => line.slice(7));
  assert.deepEqual([whole.status, whole.json.type, whole.json.stop_reason, whole.json.usage.output_tokens], [200, 'message', 'max_tokens', 8]);
  assert.deepEqual([names[0], names[1], ...names.slice(-3)], ['message_start', 'content_block_start', 'content_block_stop', 'message_delta', 'message_stop']);
  assert.equal(events(stream.body).map(event => JSON.parse(event).delta?.text ?? '').join(''), whole.json.content[0].text);
  const { json: count } = await post('/v1/messages/count_tokens', { model: 'guide', messages });
  assert.equal(count.input_tokens, whole.json.usage.input_tokens + whole.json.usage.cache_read_input_tokens);
});

test('errors have the shape of the API that was asked', async () => {
  const openai = await post('/v1/chat/completions', { ...chat, temperature: 'hot' });
  const ollama = await post('/api/chat', { model: 'none', messages });
  const anthropic = await post('/v1/messages', { model: 'guide', messages });
  const llama = await post('/tokenize', { content: 5 });
  assert.deepEqual([openai.status, openai.json.error.type, openai.json.error.param, openai.json.error.code], [400, 'invalid_request_error', 'temperature', 'invalid_type']);
  assert.deepEqual([ollama.status, ollama.json], [404, { error: "model 'none' not found" }]);
  assert.deepEqual([anthropic.status, anthropic.json.type, anthropic.json.error.type], [400, 'error', 'invalid_request_error']);
  assert.match(anthropic.json.error.message, /max_tokens/);
  assert.deepEqual([llama.status, llama.json.error.code, llama.json.error.type], [400, 400, 'invalid_request_error']);
  for (const body of ['', '{', '[]', '{"messages":', 'hello', '\u0000']) {
    for (const path of ['/v1/chat/completions', '/api/chat', '/v1/messages', '/completion', '/engines/unload']) {
      const refused = await curl(path, ...json, '--data-binary', body === '\u0000' ? '{"a":"\\ud800"}' : body);
      assert.equal(refused.status, 400, `${path} ${body}: ${refused.body}`);
      assert.ok(refused.json.error, refused.body);
    }
  }
});

test('routes and methods that are not there are told', async () => {
  const missing = await curl('/v1/nothing');
  const method = await curl('/v1/chat/completions', '-i');
  const ollama = await curl('/api/nothing');
  assert.deepEqual([missing.status, missing.json.error.code], [404, 'not_found']);
  assert.equal(method.status, 405);
  assert.match(method.body, /^allow: POST/mi);
  assert.deepEqual([ollama.status, ollama.body], [404, '404 page not found']);
  assert.equal((await curl('/v1/models/nothing')).json.error.code, 'model_not_found');
  assert.equal((await curl('/../v1/models')).status, 200);
});

test('HEAD has headers and no body', async () => {
  for (const path of ['/', '/api/version', '/api/tags']) {
    const head = await curl(path, '-I');
    const get = await curl(path);
    assert.deepEqual([head.status, head.type], [200, get.type], path);
    assert.match(head.body, /^HTTP\/1\.1 200/);
    assert.equal(head.body.trimEnd().split(/\r?\n\r?\n/).length, 1, head.body);
  }

  assert.equal((await curl(`/api/blobs/sha256:${'0'.repeat(64)}`, '-I')).status, 404);
});

test('requests may be compressed, and clients that ask for compression can read answers', async () => {
  const plain = await post('/v1/completions', text);
  const compressed = await post('/v1/completions', text, '--compressed');
  const packed = await send('/v1/completions', gzipSync(JSON.stringify(text)), ...json, '-H', 'Content-Encoding: gzip');
  const broken = await send('/v1/completions', JSON.stringify(text), ...json, '-H', 'Content-Encoding: gzip');
  const large = await send('/v1/completions', gzipSync(Buffer.alloc(100_000_000, ' ')), ...json, '-H', 'Content-Encoding: gzip');
  const other = await post('/v1/completions', text, '-H', 'Content-Encoding: zstd');
  assert.deepEqual([compressed.status, compressed.json.choices], [200, plain.json.choices]);
  assert.deepEqual([packed.status, packed.json.choices], [200, plain.json.choices]);
  assert.deepEqual([broken.status, broken.json.error.code], [400, 'invalid_encoding']);
  assert.deepEqual([large.status, large.json.error.code], [413, 'request_too_large']);
  assert.deepEqual([other.status, other.json.error.code], [415, 'unsupported_encoding']);
});

test('a request has an ID, its own or a new one', async () => {
  const own = await curl('/v1/models', '-i', '-H', 'x-request-id: mine');
  const made = await curl('/v1/models', '-i');
  assert.match(own.body, /^x-request-id: mine\r?$/mi);
  assert.match(made.body, /^x-request-id: \S+\r?$/mi);
});

test('pages of other sites are refused', async () => {
  const page = await post('/v1/completions', text, '-H', 'Origin: http://evil.example');
  const name = await curl('/v1/models', '-H', 'Host: evil.example');
  assert.deepEqual([page.status, page.json.error.code], [403, 'origin_not_allowed']);
  assert.deepEqual([name.status, name.json.error.code], [403, 'host_not_allowed']);
});

test('a body that is too large is refused before it is read', async () => {
  const large = await curl('/v1/completions', ...json, '-H', 'Content-Length: 100000000', '-H', 'Expect: 100-continue', '-d', '{}');
  assert.deepEqual([large.status, large.json.error.code], [413, 'request_too_large']);
});

test('a client that hangs up ends its answer', async () => {
  await assert.rejects(curl('/v1/completions', ...json, '--max-time', '0.5', '-N', '-d', JSON.stringify({ ...text, max_tokens: 100000, ignore_eos: true, context_shift: true })), { code: 28 });
  for (let attempt = 0; ; attempt++) {
    const guide = (await curl('/engines/ps')).json.find(runner => runner.model_name === 'guide' && runner.mode === 'completion');
    if (!guide?.in_use) {
      break;
    }

    assert.ok(attempt < 300, 'the answer goes on');
    await new Promise(resolve => setTimeout(resolve, 100));
  }
});

test('what is served, loaded and in force is told', async () => {
  assert.deepEqual((await curl('/health')).json, { status: 'ok' });
  assert.equal((await curl('/readyz')).body, 'ok');
  assert.equal((await curl('/')).body, 'Ollama is running');
  assert.ok((await curl('/v1/models')).json.data.some(model => model.id === 'guide'));
  assert.ok((await curl('/api/tags')).json.models.some(model => model.name === 'guide:latest'));
  assert.ok((await curl('/anthropic/v1/models')).json.data.some(model => model.id === 'guide'));
  assert.ok((await curl('/props')).json.default_generation_settings.n_ctx > 0);
  assert.ok((await curl('/slots')).json.length > 0);
  assert.match((await curl('/logs')).body, /\/v1\/models/);
});

test('tokens are counted and put together again', async () => {
  const { json: tokens } = await post('/tokenize', { content: 'Hearth is here.' });
  const { json: content } = await post('/detokenize', { tokens: tokens.tokens });
  assert.equal(content.content, 'Hearth is here.');
});

test('vectors are made', { skip: !embedder }, async () => {
  const { json: openai } = await post('/v1/embeddings', { model: embedder, input: 'a text' });
  const { json: ollama } = await post('/api/embed', { model: embedder, input: 'a text' });
  assert.deepEqual(ollama.embeddings[0], openai.data[0].embedding);
});
