// The openai package against a running host: LLMGINE_BASE_URL and LLMGINE_KEY name it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';

const baseURL = process.env.LLMGINE_BASE_URL;
const client = new OpenAI({ baseURL, apiKey: process.env.LLMGINE_KEY, maxRetries: 0 });
// Who stalls in the middle of what is too large is cut off before he reads why.
const patient = new OpenAI({ baseURL, apiKey: process.env.LLMGINE_KEY, maxRetries: 3 });

const ask = (model, content, more = {}) => ({ model, messages: [{ role: 'user', content }], ...more });
const complete = (...args) => client.chat.completions.create(ask(...args));

const calculator = {
  type: 'function',
  function: {
    name: 'calculator',
    description: 'Evaluate an arithmetic expression exactly.',
    parameters: {
      type: 'object',
      properties: { expression: { type: 'string', description: 'for example 17*23' } },
      required: ['expression'],
    },
  },
};

test('models are listed, default among them', async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  for (const id of ['default', 'offline/demo', 'engine/tool-chat']) assert.ok(ids.includes(id), `${id} in ${ids}`);
});

test('a streamed answer comes delta by delta while it is made', async () => {
  let spread = 0;
  // Who stalls gets several at once.
  for (let tries = 0; tries < 5 && spread < 500; tries++) {
    const times = [];
    let text = '';
    let finish;
    for await (const chunk of await complete('scripted~main/paced-8-100', 'go', { stream: true })) {
      const choice = chunk.choices[0];
      if (choice?.delta?.content) {
        text += choice.delta.content;
        times.push(Date.now());
      }
      finish = choice?.finish_reason ?? finish;
    }
    assert.equal(text, 'w0 w1 w2 w3 w4 w5 w6 w7 ');
    assert.equal(finish, 'stop');
    spread = times.at(-1) - times[0];
  }
  assert.ok(spread >= 500, `spread over ${spread} ms`);
});

test('usage comes with a stream when it is asked for, and only then', async () => {
  const usages = async (more) => {
    const found = [];
    for await (const chunk of await complete('scripted~main/paced-3-0', 'go', { stream: true, ...more })) {
      if (chunk.usage) found.push(chunk.usage);
    }
    return found;
  };
  const [usage, ...more] = await usages({ stream_options: { include_usage: true } });
  assert.deepEqual(more, []);
  assert.equal(usage.prompt_tokens, 7);
  assert.equal(usage.completion_tokens, 3);
  assert.equal(usage.total_tokens, 10);
  assert.deepEqual(await usages({}), []);
});

test('a whole answer comes in one piece', async () => {
  const answer = await complete('scripted~main/paced-3-0', 'go');
  assert.equal(answer.choices[0].message.content, 'w0 w1 w2 ');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.total_tokens, 10);
});

test('a tool call goes to the caller and its result comes back into the answer', async () => {
  const messages = [{ role: 'user', content: 'What is 17*23?' }];
  const first = await client.chat.completions.create({ model: 'offline/demo', messages, tools: [calculator] });
  assert.equal(first.choices[0].finish_reason, 'tool_calls');
  const [call] = first.choices[0].message.tool_calls;
  assert.equal(call.function.name, 'calculator');
  assert.equal(eval(JSON.parse(call.function.arguments).expression), 391);
  messages.push(first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: '391' });
  const second = await client.chat.completions.create({ model: 'offline/demo', messages, tools: [calculator] });
  assert.equal(second.choices[0].finish_reason, 'stop');
  assert.match(second.choices[0].message.content, /391/);
});

test('a tool call is streamed and merged by the client', async () => {
  const stream = client.chat.completions.stream(ask('offline/demo', 'What is 17*23?', { tools: [calculator] }));
  const { message } = (await stream.finalChatCompletion()).choices[0];
  assert.equal(message.tool_calls[0].function.name, 'calculator');
  assert.ok(JSON.parse(message.tool_calls[0].function.arguments).expression);
});


test('a structured answer keeps to its schema', async () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' }, people: { type: 'integer' }, capital: { type: 'boolean' } },
    required: ['city', 'people', 'capital'],
    additionalProperties: false,
  };
  const answer = await complete('offline/demo', 'Tell me about a city.', {
    response_format: { type: 'json_schema', json_schema: { name: 'city', schema, strict: true } },
  });
  const city = JSON.parse(answer.choices[0].message.content);
  assert.deepEqual(Object.keys(city).sort(), ['capital', 'city', 'people']);
  assert.equal(typeof city.city, 'string');
  assert.ok(Number.isInteger(city.people));
  assert.equal(typeof city.capital, 'boolean');
});

const failures = [
  ['a wrong key', OpenAI.AuthenticationError, 401, () =>
    new OpenAI({ baseURL, apiKey: 'sk-wrong', maxRetries: 0 }).models.list()],
  ['an unknown model', OpenAI.NotFoundError, 404, () => complete('nowhere/nothing', 'go')],
  ['a field of the wrong type', OpenAI.BadRequestError, 400, () => complete('offline/demo', 'go', { temperature: 'hot' })],
  ['a body that is too large', OpenAI.APIError, 413, () =>
    patient.chat.completions.create(ask('offline/demo', 'x'.repeat(11 * 1024 * 1024)))],
  ['a back-end that is busy', OpenAI.RateLimitError, 429, () => complete('scripted~failing/fail-429', 'go')],
  ['a back-end that fails', OpenAI.InternalServerError, 502, () => complete('scripted~failing/fail-500', 'go')],
  ['a plugin with a defect', OpenAI.InternalServerError, 500, () => complete('scripted~failing/throw', 'go')],
];
for (const [what, type, status, call] of failures) {
  test(`${what} is an ${type.name} with status ${status} and a message that helps`, async () => {
    await assert.rejects(async () => call(), (error) => {
      assert.ok(error instanceof type, `${error.constructor.name}: ${error}`);
      assert.equal(error.status, status);
      assert.ok(error.message.length > 15, error.message);
      assert.doesNotMatch(error.message, /Exception|\bat org\./);
      return true;
    });
  });
}

test('a failure in mid-stream is an error, not an end', async () => {
  await assert.rejects(async () => {
    for await (const _ of await complete('scripted~failing/paced-5-5+fail-500', 'go', { stream: true }));
  }, OpenAI.APIError);
});

for (const model of ['paced-500-20', 'paced-1-0+silent']) {
  test(`an abort in mid-stream of ${model}`, async (t) => {
    const stream = await complete(`scripted~main/${model}`, 'go', { stream: true });
    let deltas = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta?.content && ++deltas === (model.endsWith('silent') ? 1 : 5)) break;
    }
    stream.controller.abort();
    t.diagnostic(`aborted ${model} ${Date.now()}`);
  });
}
