import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

// Answers of Hearth's engine to many schemas; see SchemaCorpusTests.
const corpus = readFileSync(process.env.HEARTH_SCHEMA_CORPUS, 'utf8').trimEnd().split('\n').map(line => JSON.parse(line));
const ajv = new Ajv({ strict: false, validateFormats: true, logger: false, code: { optimize: false } });
addFormats(ajv);

// Answers that ajv does not agree with, in words.
function findInvalid(entries) {
  const invalid = [];
  for (const { schema, answers } of entries) {
    const validate = ajv.compile(schema);
    if (typeof schema === 'object') {
      ajv.removeSchema(schema);
    }
    for (const { text } of answers.filter(answer => answer.finished)) {
      if (!validate(JSON.parse(text))) {
        invalid.push(`${JSON.stringify(schema)}\n${text}\n${ajv.errorsText(validate.errors)}`);
      }
    }
  }
  return invalid;
}

const answered = corpus.filter(entry => entry.answers);
const refused = corpus.filter(entry => entry.refused);

test('answers to random schemas are valid', () => {
  const random = answered.filter(entry => entry.random);
  assert.ok(random.length > 4800, `${random.length} schemas`);
  assert.deepEqual(findInvalid(random), []);
});

test('answers to schemas of each keyword are valid', () => {
  const keywords = answered.filter(entry => !entry.random);
  assert.ok(keywords.length > 150, `${keywords.length} schemas`);
  assert.deepEqual(findInvalid(keywords), []);
});

test('nearly all answers are finished', () => {
  const answers = answered.flatMap(entry => entry.answers);
  const cut = answers.filter(answer => !answer.finished);
  assert.ok(cut.length < answers.length / 10, `${cut.length} of ${answers.length} are cut`);
});

test('refusals say why, and those of a keyword name it', () => {
  assert.ok(refused.length > 0);
  for (const { schema, refused: { kind, keyword, message } } of refused) {
    assert.ok(message.length > 0);
    assert.match(kind, /^(Unsupported|Unsatisfiable|TooComplex)$/);
    if (kind === 'Unsupported') {
      assert.ok(JSON.stringify(schema).includes(JSON.stringify(keyword)), `${keyword} in ${JSON.stringify(schema)}`);
      assert.ok(message.includes(`'${keyword}'`), message);
    }
  }
});
