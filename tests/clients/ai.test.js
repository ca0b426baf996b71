import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateObject, generateText, stepCountIs, streamObject, streamText, tool } from 'ai';
import { z } from 'zod';

// Vercel's SDK with its provider for servers that speak OpenAI's language.
const embedder = process.env.HEARTH_EMBEDDER;
const provider = createOpenAICompatible({ name: 'hearth', baseURL: `${process.env.HEARTH_URL}/v1`, supportsStructuredOutputs: true, includeUsage: true });
const guide = provider('guide');
const request = { model: guide, prompt: 'What is Hearth?', temperature: 0, maxRetries: 0 };
const schema = z.object({ colour: z.enum(['red', 'green']), count: z.number().int().min(1).max(9), sure: z.boolean() });
const add = () => {
  const calls = [];
  return {
    calls,
    tools: {
      add: tool({
        description: 'Adds two numbers',
        inputSchema: z.object({ a: z.number(), b: z.number() }),
        execute: async ({ a, b }) => { calls.push([a, b]); return a + b; },
      }),
    },
  };
};
let answer;

before(async () => {
  answer = await generateText(request);
});

test('a text has a reason and usage', () => {
  assert.match(answer.text, /Hearth/);
  assert.equal(answer.finishReason, 'stop');
  assert.equal(answer.usage.totalTokens, answer.usage.inputTokens + answer.usage.outputTokens);
});

test('a stream gives the same text', async () => {
  const stream = streamText(request);
  let text = '';
  for await (const part of stream.textStream) {
    text += part;
  }
  assert.equal(text, answer.text);
  assert.deepEqual([await stream.finishReason, (await stream.usage).outputTokens], ['stop', answer.usage.outputTokens]);
});

test('an object follows its schema, whole and streamed', async () => {
  const { object } = await generateObject({ ...request, schema });
  assert.ok(schema.safeParse(object).success);
  const stream = streamObject({ ...request, schema });
  for await (const part of stream.partialObjectStream) {
    assert.equal(typeof part, 'object');
  }
  assert.deepEqual(await stream.object, object);
});

test('a tool is called, and its result answered', async () => {
  const { calls, tools } = add();
  const { text, steps } = await generateText({ ...request, model: provider('caller'), tools, stopWhen: stepCountIs(3) });
  assert.deepEqual(calls, [[1.5, 2]]);
  assert.equal(text, 'It is 3.5.');
  assert.deepEqual(steps.map(step => step.finishReason), ['tool-calls', 'stop']);
  assert.equal(steps[0].reasoningText.trim(), 'A sum.');
});

test('a tool is called within a stream', async () => {
  const { calls, tools } = add();
  const stream = streamText({ ...request, model: provider('caller'), tools, stopWhen: stepCountIs(3) });
  const types = new Set();
  for await (const part of stream.fullStream) {
    types.add(part.type);
  }
  assert.deepEqual(calls, [[1.5, 2]]);
  assert.equal(await stream.text, 'It is 3.5.');
  for (const type of ['reasoning-delta', 'tool-input-delta', 'tool-call', 'tool-result', 'text-delta']) {
    assert.ok(types.has(type), type);
  }
});

test('a call can be demanded, and has valid arguments', async () => {
  const pick = tool({ description: 'Picks', inputSchema: schema });
  for (const toolChoice of ['required', { type: 'tool', toolName: 'pick' }]) {
    const { toolCalls } = await generateText({ ...request, tools: { pick }, toolChoice, maxOutputTokens: 300 });
    assert.ok(toolCalls.length > 0);
    assert.ok(toolCalls.every(call => call.toolName === 'pick' && !call.invalid && schema.safeParse(call.input).success));
  }
});

test('texts become vectors', { skip: !embedder }, async () => {
  const { embeddings } = await embedMany({ model: provider.textEmbeddingModel(embedder), values: ['one', 'two'] });
  assert.equal(embeddings.length, 2);
  assert.notDeepEqual(embeddings[0], embeddings[1]);
});

test('errors are told', async () => {
  await assert.rejects(generateText({ ...request, model: provider('nothing') }), error => error.statusCode === 404 && /nothing/.test(error.message));
});
