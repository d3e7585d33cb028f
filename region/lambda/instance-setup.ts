import type { Duplex } from 'node:stream';
import type { Kernel } from '../kernel/kernel.ts';
import type { Code } from './code.ts';
import type { DirectSdk, SdkHost } from '../wire/direct-sdk.ts';
import type { HttpModules } from './sandbox/modules.ts';
import type { LogFormat } from './sandbox/output.ts';

/** What an instance is made of. */
export interface InstanceSetup {
  readonly kernel: Kernel;
  readonly functionName: string;
  readonly code: Code;
  /** `index.handler` */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly environment: Record<string, string>;
  readonly accessKeyId: string;
  readonly logStreamName: string;
  readonly logFormat: Omit<LogFormat, 'requestId'>;
  /** Opens a connection to the region's door. */
  connect(): Duplex;
  memoryHttp(connect: () => Duplex): HttpModules;
  /** The SDK that the runtime brings along; undefined where a bundle must hold its own. */
  readonly sdk: ((host: SdkHost) => DirectSdk) | undefined;
  writeLine(line: string): void;
}
