// A back-end that others wrote: starts it and prints its address. It ends with its standard input.
import { LLMock } from '@copilotkit/aimock';

const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', chunkSize: 5 });
const call = (name, args) => ({ name, arguments: JSON.stringify(args) });

mock.onMessage('hello', { content: 'Hello from the other side, with 🎉 and "quotes".' });
mock.onMessage('think', { reasoning: 'Let me see: 2 + 2.', content: 'Four.' });
mock.onMessage('weather', { toolCalls: [call('weather', { city: 'Oslo' }), call('weather', { city: 'Rome' })] });
mock.on({ userMessage: 'compute', hasToolResult: false }, {
  toolCalls: [call('calculator', { expression: '6*7' }), call('calculator', { expression: '17*23' })],
});
mock.on({ userMessage: 'compute', hasToolResult: true }, { content: '42 and 391.' });
mock.onMessage('limited', {
  error: { message: 'Slow down.', type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  status: 429,
  retryAfter: 60,
});
mock.onMessage('broken', { error: { message: 'Boom.', type: 'server_error' }, status: 500 });
mock.onMessage('cut', { content: 'This answer is cut and nobody gets its end.' }, {
  truncateAfterChunks: 4,
  streamingProfile: { ttft: 50, tps: 20 },
});
mock.onMessage('garbled', { content: 'never' }, { chaos: { malformedRate: 1 } });
mock.onMessage('dropped', { content: 'never' }, { chaos: { disconnectRate: 1 } });

console.log(await mock.start());
process.stdin.on('end', () => process.exit(0)).resume();
