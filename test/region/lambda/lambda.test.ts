import { describe, expect, it, onTestFinished } from 'vitest';
import type { InvocationResult } from '../../../region/service.ts';
import { functionProperties, lambdaFixture, payloadOf, LOG_GROUP_ARN, ROLE_ARN } from './lambda-fixture.ts';

const START = Date.UTC(2026, 0, 5, 9);

/** The JSON that Step Functions shows as Cause. */
function causeOf(result: InvocationResult): Record<string, unknown> {
  if (result.kind === 'answered') throw new Error('the invocation answered');
  return JSON.parse(result.message) as Record<string, unknown>;
}

describe('an invocation', () => {
  it('answers the JSON of what the handler returns and gives it its event', async () => {
    const { invoke } = await lambdaFixture({
      source: 'exports.handler = async (event) => ({ doubled: event.n * 2, at: new Date(0), gone: undefined });',
    });
    expect(await invoke({ n: 21 })).toEqual({
      kind: 'answered',
      payload: { doubled: 42, at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('answers null for a handler that returns nothing', async () => {
    const { invoke } = await lambdaFixture({ source: 'exports.handler = async () => {};' });
    expect(await invoke()).toEqual({ kind: 'answered', payload: null });
  });

  it('reuses a warm instance, whose variables survive', async () => {
    const { invoke, lambda } = await lambdaFixture({ source: 'let n = 0; exports.handler = async () => ++n;' });
    expect([payloadOf(await invoke()), payloadOf(await invoke())]).toEqual([1, 2]);
    expect(lambda.instancesOf('handler')).toHaveLength(1);
  });

  it('starts cold later than warm', async () => {
    const { invoke, kernel } = await lambdaFixture({ source: 'exports.handler = async () => Date.now();' });
    const cold = Number(payloadOf(await invoke())) - START;
    const before = kernel.now;
    const warm = Number(payloadOf(await invoke())) - before;
    expect([cold, warm]).toEqual([350, 8]);
  });

  it('gives invocations at the same time instances of their own', async () => {
    const fixture = await lambdaFixture({
      source: `let n = 0; globalThis.mark = 0;
        exports.handler = async () => {
          await new Promise((resolve) => setTimeout(resolve, 1000));
          globalThis.mark++;
          return [++n, globalThis.mark];
        };`,
    });
    const results: unknown[] = [];
    for (let n = 0; n < 2; n++) {
      const onEnd = (result: InvocationResult): void => void results.push(payloadOf(result));
      fixture.lambda.invoke({ functionArn: fixture.functionArn, payload: {}, caller: { kind: 'operator' }, onEnd });
    }
    await fixture.kernel.runUntil(() => results.length === 2, 'both answers', 10_000);
    expect(results).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(fixture.lambda.instancesOf('handler')).toHaveLength(2);
  });

  it('sees nothing that a program has put into the global object of this process', async () => {
    const shared = 'awslambda';
    Object.assign(globalThis, { [shared]: { InvokeStore: 'of the region’s own SDK clients' } });
    onTestFinished(() => void Reflect.deleteProperty(globalThis, shared));
    const { invoke } = await lambdaFixture({
      source: `exports.handler = async () => [typeof globalThis.${shared}, typeof globalThis.structuredClone, typeof globalThis.Array];`,
    });
    expect(payloadOf(await invoke())).toEqual(['undefined', 'function', 'function']);
  });

  it('records its metrics', async () => {
    const { invoke, metrics } = await lambdaFixture({
      source:
        'exports.handler = async (event) => { await new Promise((r) => setTimeout(r, 250)); if (event.fail) throw new Error("no"); };',
    });
    await invoke({});
    await invoke({ fail: true });
    expect(metrics).toEqual([
      'AWS/Lambda Invocations handler 1',
      'AWS/Lambda Errors handler 0',
      'AWS/Lambda Duration handler 250',
      'AWS/Lambda Invocations handler 1',
      'AWS/Lambda Errors handler 1',
      'AWS/Lambda Duration handler 250',
    ]);
  });

  it('knows the context that AWS gives', async () => {
    const { invoke, functionArn } = await lambdaFixture({
      source: `exports.handler = async (event, context) => {
        const before = context.getRemainingTimeInMillis();
        await new Promise((resolve) => setTimeout(resolve, 2500));
        return { before, after: context.getRemainingTimeInMillis(), arn: context.invokedFunctionArn,
          name: context.functionName, memory: context.memoryLimitInMB, group: context.logGroupName,
          id: context.awsRequestId.length, stream: context.logStreamName };
      };`,
    });
    expect(payloadOf(await invoke())).toEqual({
      before: 60_000,
      after: 57_500,
      arn: functionArn,
      name: 'handler',
      memory: '256',
      group: '/aws/lambda/handler',
      id: 36,
      stream: expect.stringMatching(/^2026\/01\/05\/\[\$LATEST\][0-9a-f]{32}$/) as string,
    });
  });

  it('is the same twice with the same seed, and another with another', async () => {
    const source = `exports.handler = async () => [Math.random(), require('crypto').randomUUID(), crypto.randomUUID(),
      [...crypto.getRandomValues(new Uint8Array(8))], require('node:crypto').randomBytes(4).toString('hex'),
      process.env.AWS_ACCESS_KEY_ID, new Date().toISOString(), process.hrtime(), performance.now()];`;
    const first = payloadOf(await (await lambdaFixture({ source, seed: 7 })).invoke());
    const second = payloadOf(await (await lambdaFixture({ source, seed: 7 })).invoke());
    const other = payloadOf(await (await lambdaFixture({ source, seed: 8 })).invoke());
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

describe('virtual time', () => {
  it('moves only by timers, for Date, performance, intervals, promises and abort signals alike', async () => {
    const { invoke } = await lambdaFixture({
      source: `const { setTimeout: wait } = require('timers/promises');
      const { promisify } = require('util');
      exports.handler = async () => {
        const start = Date.now();
        const seen = [];
        await wait(100); seen.push(Date.now() - start);
        await promisify(setTimeout)(200); seen.push(new Date() - start);
        await new Promise((resolve) => { let n = 0; const i = setInterval(() => { if (++n === 3) { clearInterval(i); resolve(); } }, 50); });
        seen.push(performance.now());
        await new Promise((resolve) => AbortSignal.timeout(1000).addEventListener('abort', resolve));
        seen.push(Date.now() - start);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(Date.now() - start, new Date() instanceof Date, new Date(5).getTime(), Date.UTC(1970, 0, 1));
        return seen;
      };`,
    });
    expect(payloadOf(await invoke())).toEqual([100, 300, 450 + 350, 1450, 1450, true, 5, 0]);
  });

  it('waits for immediates, however many follow each other', async () => {
    const { invoke } = await lambdaFixture({
      source: `exports.handler = async () => {
        const order = [];
        setTimeout(() => order.push('timer'), 1);
        for (let n = 0; n < 30; n++) await new Promise((resolve) => setImmediate(resolve));
        order.push('immediates');
        await new Promise((resolve) => setTimeout(resolve, 10));
        return order;
      };`,
    });
    expect(payloadOf(await invoke())).toEqual(['immediates', 'timer']);
  });

  it('stands still for a frozen instance, whose late timers fire when it thaws', async () => {
    const { invoke, kernel } = await lambdaFixture({
      source: `const fired = []; let isFirst = true;
        exports.handler = async () => {
          if (isFirst) { isFirst = false; setTimeout(() => fired.push(Date.now()), 1000); return fired; }
          await new Promise((resolve) => setTimeout(resolve, 10));
          return fired;
        };`,
    });
    expect(payloadOf(await invoke())).toEqual([]);
    expect(kernel.nextDueAt).toBeUndefined();
    await kernel.runFor(3_600_000);
    expect(payloadOf(await invoke())).toEqual([kernel.now - 10 - 4]);
  });
});

describe('a failure', () => {
  it('of the handler carries name, message and the trace of its own lines', async () => {
    const { invoke, lines } = await lambdaFixture({
      source:
        'class ImageMissing extends Error { name = "ImageMissing"; }\nexports.handler = async () => { throw new ImageMissing("no such image"); };',
    });
    const result = await invoke();
    expect(result).toMatchObject({ kind: 'failed', error: 'ImageMissing' });
    const trace = causeOf(result)['trace'] as string[];
    expect(causeOf(result)).toEqual({ errorType: 'ImageMissing', errorMessage: 'no such image', trace });
    expect(trace[0]).toBe('ImageMissing: no such image');
    expect(trace[1]).toMatch(/^ {4}at .*\/var\/task\/index\.js:2:/);
    expect(trace.join()).not.toContain('rehearsal');
    expect(lines.at(-1)).toContain('Invoke Error');
  });

  it('that is not an Error is named for its type', async () => {
    const { invoke } = await lambdaFixture({ source: 'exports.handler = async () => { throw "words"; };' });
    expect(causeOf(await invoke())).toEqual({ errorType: 'string', errorMessage: 'words', trace: [] });
  });

  it('keeps the instance', async () => {
    const { invoke } = await lambdaFixture({
      source: 'let n = 0; exports.handler = async () => { if (++n === 1) throw new Error("once"); return n; };',
    });
    await invoke();
    expect(payloadOf(await invoke())).toBe(2);
  });

  it('is Sandbox.Timedout when the function takes too long, and ends the instance', async () => {
    const { invoke, kernel, lambda } = await lambdaFixture({
      source: 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 60_001));',
    });
    const result = await invoke();
    expect(result).toMatchObject({ error: 'Sandbox.Timedout' });
    expect(causeOf(result)['errorMessage']).toMatch(
      /^RequestId: [0-9a-f-]{36} Error: Task timed out after 60\.00 seconds$/,
    );
    expect(kernel.now - START).toBe(350 + 60_000 + 4);
    expect(lambda.instancesOf('handler')).toEqual([]);
    expect(kernel.nextDueAt).toBeUndefined();
  });

  it.each([
    [
      'thrown',
      'exports.handler = async () => { throw new Error("x"); };',
      /^\S+\tID\tERROR\tInvoke Error \t\{"errorType":"Error"/,
    ],
    [
      'thrown at the start',
      'throw new RangeError("x");',
      /^\S+\tundefined\tERROR\tUncaught Exception \t\{"errorType":"RangeError"/,
    ],
    [
      'of a missing handler',
      'exports.other = 1;',
      /^\S+\tundefined\tERROR\tUncaught Exception \t\{"errorType":"Runtime.HandlerNotFound"/,
    ],
    [
      'of a missing module',
      'require("nowhere");',
      /^\S+\tundefined\tERROR\tUncaught Exception \t\{"errorType":"Runtime.ImportModuleError"/,
    ],
    [
      'nobody caught',
      `exports.handler = () => new Promise(() => setTimeout(() => { throw new Error("x"); }, 1));`,
      /^\S+\tID\tERROR\tUncaught Exception \t\{"errorType":"Error"/,
    ],
    [
      'nobody handled',
      `exports.handler = () => new Promise(() => void Promise.reject(new Error("x")));`,
      /^\S+\tID\tERROR\tUnhandled Promise Rejection \t\{"errorType":"Runtime.UnhandledPromiseRejection"/,
    ],
    [
      'by exit',
      'exports.handler = async () => { process.exit(1); };',
      /^RequestId: ID Error: Runtime exited with error: exit status 1\nRuntime\.ExitError$/,
    ],
    [
      'by time',
      'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 60_001));',
      /^\S+Z ID Task timed out after 60\.00 seconds$/,
    ],
  ])('%s is logged as the runtime or Lambda words it', async (_, source, line) => {
    const { invoke, lines } = await lambdaFixture({ source });
    await invoke();
    expect(lines.at(-1)!.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'ID')).toMatch(line);
  });

  it('is a record of the platform where the function logs JSON, and Lambda ended it', async () => {
    const { invoke, lines } = await lambdaFixture({
      source: 'exports.handler = async () => { process.exit(1); };',
      properties: { LoggingConfig: { LogFormat: 'JSON' } },
    });
    await invoke();
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      type: 'platform.runtimeDone',
      record: { status: 'error', errorType: 'Runtime.ExitError' },
    });
  });

  it.each([
    ['process.exit(1)', 'with error: exit status 1'],
    ['process.exit()', 'without providing a reason'],
  ])('of a handler that calls %s is Runtime.ExitError', async (call, text) => {
    const { invoke, lambda } = await lambdaFixture({ source: `exports.handler = async () => { ${call}; };` });
    const result = await invoke();
    expect(result).toMatchObject({ error: 'Runtime.ExitError' });
    expect(causeOf(result)['errorMessage']).toMatch(new RegExp(`Error: Runtime exited ${text}$`));
    expect(lambda.instancesOf('handler')).toEqual([]);
  });

  it.each([
    ['a timer', 'setTimeout(() => { throw new RangeError("late"); }, 10)'],
    ['an immediate', 'setImmediate(() => { throw new RangeError("late"); })'],
    ['a tick', 'process.nextTick(() => { throw new RangeError("late"); })'],
    ['a microtask', 'queueMicrotask(() => { throw new RangeError("late"); })'],
  ])('thrown in %s ends invocation and instance', async (_, code) => {
    const { invoke, lambda } = await lambdaFixture({
      source: `exports.handler = async () => { ${code}; await new Promise((resolve) => setTimeout(resolve, 100)); };`,
    });
    expect(causeOf(await invoke())).toMatchObject({ errorType: 'RangeError', errorMessage: 'late' });
    expect(lambda.instancesOf('handler')).toEqual([]);
  });

  it('nobody handled is Runtime.UnhandledPromiseRejection, of the right one of two instances', async () => {
    const fixture = await lambdaFixture({
      source: `exports.handler = async (event) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        if (event.bad) Promise.reject(new Error('forgotten'));
        await new Promise((resolve) => setTimeout(resolve, 100));
        return 'fine';
      };`,
    });
    // The test runner would count the rejection as its own.
    const others = process.listeners('unhandledRejection');
    const ours = others.at(-1)!;
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', ours);
    const results: Record<string, InvocationResult> = {};
    for (const bad of [true, false]) {
      const onEnd = (result: InvocationResult): void => void (results[String(bad)] = result);
      fixture.lambda.invoke({
        functionArn: fixture.functionArn,
        payload: { bad },
        caller: { kind: 'operator' },
        onEnd,
      });
    }
    await fixture.kernel.runUntil(() => Object.keys(results).length === 2, 'both ends', 10_000);
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
    expect(causeOf(results['true']!)).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'Error: forgotten',
    });
    expect(results['false']).toEqual({ kind: 'answered', payload: 'fine' });
  });

  it.each([
    ['exports.other = 1;', 'Runtime.HandlerNotFound'],
    ['require("left-pad");', 'Runtime.ImportModuleError'],
    ['const = 1;', 'Runtime.UserCodeSyntaxError'],
    ['throw new TypeError("at start");', 'TypeError'],
    ['exports.handler = (event, context, callback) => callback();', 'Runtime.CallbackHandlerDeprecated'],
  ])('of the import of %s is %s', async (source, error) => {
    const { invoke } = await lambdaFixture({ source });
    expect(await invoke()).toMatchObject({ kind: 'failed', error });
  });

  it('is Function.ResponseSizeTooLarge beyond 6 MB', async () => {
    const { invoke } = await lambdaFixture({ source: 'exports.handler = async () => "x".repeat(6291556);' });
    expect(await invoke()).toMatchObject({ error: 'Function.ResponseSizeTooLarge' });
  });
});

describe('the sandbox', () => {
  it('shows the runtime of AWS, not of the machine', async () => {
    const { invoke } = await lambdaFixture({
      source: `exports.handler = async () => [process.version, process.arch, process.cwd(), __filename, process.env.HOME,
        process.env.AWS_EXECUTION_ENV, process.env.MODE, require('os').homedir(), require('fs').existsSync('/etc/passwd'),
        require('fs').readFileSync('/var/task/index.js', 'utf8').startsWith('exports')];`,
      properties: { Environment: { Variables: { MODE: 'test' } } },
    });
    expect(payloadOf(await invoke())).toEqual([
      'v24.11.0',
      'arm64',
      '/var/task',
      '/var/task/index.js',
      null,
      'AWS_Lambda_nodejs24.x',
      'test',
      '/home/sbx_user1051',
      false,
      true,
    ]);
  });

  it('answers ENOENT for files of the machine', async () => {
    const { invoke } = await lambdaFixture({
      source: `const fs = require('fs'); const names = async (read) => { try { await read(); return 'read'; } catch (e) { return e.code; } };
        exports.handler = async () => Promise.all([names(() => fs.promises.readFile('/etc/passwd')),
          names(() => require('node:fs/promises').readFile('/var/task/../../etc/passwd')), names(() => fs.readFileSync('/etc/passwd')),
          names(() => new Promise((ok, no) => fs.readFile('/etc/passwd', (error) => (error ? no(error) : ok()))))]);`,
    });
    expect(payloadOf(await invoke())).toEqual(['ENOENT', 'ENOENT', 'ENOENT', 'ENOENT']);
  });

  it.each([
    ["fetch('https://example.com')", /fetch in a Lambda function is not modelled/],
    ["require('net').connect(80)", /net\.connect in a Lambda function is not modelled/],
    ["require('child_process').execSync('ls')", /child_process\.execSync/],
    ["require('zlib').createGzip()", /zlib\.createGzip/],
    ["require('fs').writeFileSync('x', '')", /fs\.writeFileSync/],
    ["require('crypto').scrypt('a', 'b', 8, () => {})", /crypto\.scrypt/],
  ])('refuses %s loudly, even when the handler swallows it', async (code, message) => {
    const { invoke } = await lambdaFixture({
      source: `exports.handler = async () => { try { await ${code}; } catch {} return 'swallowed'; };`,
    });
    await expect(invoke()).rejects.toThrow(message);
  });

  it('logs console lines as the runtime prints them and raw lines of stdout as they are', async () => {
    const { invoke, lines } = await lambdaFixture({
      source: `exports.handler = async (event, context) => { console.warn('low', { disk: 3 });
        process.stdout.write('{"a":1}\\n{"b"'); process.stdout.write(':2}\\n'); };`,
    });
    await invoke();
    expect(lines[0]).toMatch(/^2026-01-05T09:00:00\.350Z\t[0-9a-f-]{36}\tWARN\tlow \{ disk: 3 \}$/);
    expect(lines.slice(1)).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('logs JSON where the function asks for it, from its level on', async () => {
    const { invoke, lines } = await lambdaFixture({
      source: 'exports.handler = async () => { console.debug("no"); console.log("yes"); };',
      properties: {
        LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', LogGroup: '/aws/lambda/handler' },
      },
    });
    await invoke();
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { timestamp: '2026-01-05T09:00:00.350Z', level: 'INFO', requestId: expect.any(String) as string, message: 'yes' },
    ]);
  });

  it('loses its lines when the role may not write them', async () => {
    const { invoke, iam, lines } = await lambdaFixture({ source: 'exports.handler = async () => console.log("x");' });
    iam.replacePolicies(ROLE_ARN, [
      {
        name: 'stream only',
        document: {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: 'logs:CreateLogStream', Resource: `${LOG_GROUP_ARN}:*` },
        },
      },
    ]);
    await invoke();
    expect(lines).toEqual([]);
  });
});

describe('killing an instance', () => {
  const source = `let n = 0; exports.handler = async () => { n++; console.log('before'); await new Promise((resolve) => setTimeout(resolve, 1000)); console.log('after'); return n; };`;

  it('ends its invocation with Runtime.ExitError and stops it where it stands', async () => {
    const fixture = await lambdaFixture({ source });
    const results: InvocationResult[] = [];
    const onEnd = (result: InvocationResult): void => void results.push(result);
    fixture.lambda.invoke({ functionArn: fixture.functionArn, payload: {}, caller: { kind: 'operator' }, onEnd });
    await fixture.kernel.runFor(500);
    fixture.lambda.killInstance(fixture.lambda.instancesOf('handler')[0]!.accessKeyId);
    await fixture.kernel.runFor(5000);
    expect(results.map(causeOf)).toEqual([
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(
          /^RequestId: .{36} Error: Runtime exited with error: signal: killed$/,
        ) as string,
      },
    ]);
    expect(fixture.lines.filter((line) => line.includes('after'))).toEqual([]);
    expect(fixture.lambda.instancesOf('handler')).toEqual([]);
    expect(payloadOf(await fixture.invoke())).toBe(1);
  });

  it('works before its first line and while it idles', async () => {
    const fixture = await lambdaFixture({ source });
    const results: InvocationResult[] = [];
    const onEnd = (result: InvocationResult): void => void results.push(result);
    fixture.lambda.invoke({ functionArn: fixture.functionArn, payload: {}, caller: { kind: 'operator' }, onEnd });
    fixture.lambda.killInstance(fixture.lambda.instancesOf('handler')[0]!.accessKeyId);
    await fixture.kernel.runFor(5000);
    expect(results.map((result) => causeOf(result)['errorType'])).toEqual(['Runtime.ExitError']);
    expect(fixture.lines.filter((line) => line.includes('before'))).toEqual([]);
    await fixture.invoke();
    fixture.lambda.killInstance(fixture.lambda.instancesOf('handler')[0]!.accessKeyId);
    expect(fixture.lambda.instancesOf('handler')).toEqual([]);
  });
});

describe('who may invoke', () => {
  const source = 'exports.handler = async () => "ran";';
  const rule = 'arn:aws:events:us-east-1:123456789012:rule/pushes';
  const byRule = (sourceArn: string) => ({ kind: 'service', principal: 'events.amazonaws.com', sourceArn }) as const;

  it('is a service with a permission for its source, and no other source', async () => {
    const { lambda, functionArn, kernel, metrics } = await lambdaFixture({ source });
    expect(() => lambda.invokeAsync({ functionArn, payload: {}, caller: byRule(rule) })).toThrow(
      /because no resource-based policy allows the lambda:InvokeFunction action/,
    );
    const permission = {
      Action: 'lambda:InvokeFunction',
      FunctionName: 'handler',
      Principal: 'events.amazonaws.com',
      SourceArn: rule,
    };
    await lambda.resources['AWS::Lambda::Permission']!('Permission', permission, 'stack');
    lambda.invokeAsync({ functionArn, payload: {}, caller: byRule(rule) });
    expect(() => lambda.invokeAsync({ functionArn, payload: {}, caller: byRule(`${rule}2`) })).toThrow(
      /not authorized/,
    );
    await kernel.runFor(10_000);
    expect(metrics).toContain('AWS/Lambda Invocations handler 1');
  });

  it('is a role whose policy allows it on exactly this function', async () => {
    const { lambda, functionArn, iam } = await lambdaFixture({ source });
    const caller = { kind: 'role', roleArn: ROLE_ARN, sessionName: 'states' } as const;
    const invoke = (): void => lambda.invoke({ functionArn, payload: {}, caller, onEnd: () => undefined });
    const allowing = (Resource: string) => [
      {
        name: 'p',
        document: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource } },
      },
    ];
    iam.replacePolicies(ROLE_ARN, allowing(`${functionArn}2`));
    expect(invoke).toThrow(
      /assumed-role\/handler\/states is not authorized to perform: lambda:InvokeFunction on resource: arn:.*:function:handler because no identity-based policy/,
    );
    iam.replacePolicies(ROLE_ARN, allowing(functionArn));
    expect(invoke).not.toThrow();
  });

  it('is nobody for a function that does not exist', async () => {
    const { lambda, functionArn } = await lambdaFixture({ source });
    const request = {
      functionArn: `${functionArn}s`,
      payload: {},
      caller: { kind: 'operator' },
      onEnd: () => undefined,
    } as const;
    expect(() => lambda.invoke(request)).toThrow(/Function not found: arn:/);
  });

  it('waits for no one beyond the reserved concurrency', async () => {
    const { lambda, functionArn } = await lambdaFixture({ source, properties: { ReservedConcurrentExecutions: 1 } });
    const request = { functionArn, payload: {}, caller: { kind: 'operator' }, onEnd: () => undefined } as const;
    lambda.invoke(request);
    expect(() => lambda.invoke(request)).toThrow('Rate Exceeded.');
  });
});

describe('asynchronous invocation', () => {
  const source =
    'const seen = []; exports.handler = async (event) => { seen.push(Date.now()); if (seen.length <= event.failures) throw new Error("again"); console.log(JSON.stringify(seen)); };';
  const operator = { kind: 'operator' } as const;

  it('retries a failing function after one and after two minutes', async () => {
    const { lambda, functionArn, kernel, lines, metrics } = await lambdaFixture({ source });
    lambda.invokeAsync({ functionArn, payload: { failures: 2 }, caller: operator });
    await kernel.runFor(600_000);
    const seen = JSON.parse(lines.at(-1)!.split('\t').at(-1)!) as number[];
    expect(seen.map((at) => Math.round((at - seen[0]!) / 1000))).toEqual([0, 60, 180]);
    expect(metrics.filter((metric) => metric.includes('Invocations'))).toHaveLength(3);
  });

  it('sends what failed to the destination of its configuration, in the form of AWS', async () => {
    const { lambda, functionArn, kernel, queued, metrics } = await lambdaFixture({ source });
    const queueArn = 'arn:aws:sqs:us-east-1:123456789012:failures';
    await lambda.resources['AWS::Lambda::EventInvokeConfig']!(
      'Config',
      {
        FunctionName: 'handler',
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: queueArn } },
      },
      'stack',
    );
    lambda.invokeAsync({ functionArn, payload: { failures: 9 }, caller: operator });
    await kernel.runFor(600_000);
    expect(metrics.filter((metric) => metric.includes('Invocations'))).toHaveLength(2);
    expect(queued.map(({ queueArn: to }) => to)).toEqual([queueArn]);
    expect(JSON.parse(queued[0]!.body)).toMatchObject({
      version: '1.0',
      requestContext: {
        condition: 'RetriesExhausted',
        approximateInvokeCount: 2,
        functionArn: `${functionArn}:$LATEST`,
      },
      requestPayload: { failures: 9 },
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: 'again' },
    });
  });

  it('waits while the function is throttled', async () => {
    const { lambda, functionArn, kernel, metrics } = await lambdaFixture({
      source: 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 5000));',
      properties: { ReservedConcurrentExecutions: 1 },
    });
    for (let n = 0; n < 3; n++) lambda.invokeAsync({ functionArn, payload: {}, caller: operator });
    await kernel.runFor(60_000);
    expect(metrics.filter((metric) => metric.includes('Invocations'))).toHaveLength(3);
    expect(lambda.instancesOf('handler')).toHaveLength(1);
  });
});

describe('the template', () => {
  it.each([
    [{ VpcConfig: {} }, /the property VpcConfig of AWS::Lambda::Function Other is not modelled/],
    [{ Runtime: 'nodejs20.x' }, /Runtime/],
    [{ Environment: { Variables: { AWS_REGION: 'x' } } }, /Reserved keys used in this request: AWS_REGION/],
    [{ Role: 'arn:aws:iam::123456789012:role/nobody' }, /cannot be assumed by Lambda/],
    [{ FunctionName: 'handler' }, /already exist/],
  ])('is refused for %j', async (properties, message) => {
    const { lambda } = await lambdaFixture({ source: '' });
    const create = lambda.resources['AWS::Lambda::Function']!;
    expect(() => create('Other', functionProperties({ FunctionName: 'other', ...properties }), 'stack')).toThrow(
      message,
    );
  });

  it('may name versions and aliases, which are invoked by their own ARN', async () => {
    const { lambda, functionArn, kernel } = await lambdaFixture({
      source: 'exports.handler = async (event, context) => context.invokedFunctionArn;',
    });
    const version = await lambda.resources['AWS::Lambda::Version']!('Version', { FunctionName: 'handler' }, 'stack');
    expect(version).toMatchObject({ ref: `${functionArn}:1`, attributes: { Version: '1' } });
    const alias = { FunctionName: 'handler', FunctionVersion: '1', Name: 'live' };
    const { ref } = await lambda.resources['AWS::Lambda::Alias']!('Alias', alias, 'stack');
    const results: InvocationResult[] = [];
    const onEnd = (result: InvocationResult): void => void results.push(result);
    lambda.invoke({ functionArn: ref, payload: {}, caller: { kind: 'operator' }, onEnd });
    await kernel.runFor(1000);
    expect(results).toEqual([{ kind: 'answered', payload: `${functionArn}:live` }]);
  });
});
