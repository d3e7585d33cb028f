import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations, type IPolicyValidationPlugin, type Stack } from 'aws-cdk-lib/core';
import { acknowledgeService } from './acknowledgements.ts';
import { bundleHandlers, type Bundles } from './bundles.ts';
import { CellStack } from './cell-stack.ts';
import { cellOf, type Cell } from './cell.ts';
import { ChatStack } from './chat-stack.ts';
import { DashboardStack } from './dashboard-stack.ts';
import { DEFINITION_FILE } from './definition.ts';
import type { CheckedConfiguration, CheckedService } from '../configuration/configuration.ts';
import { FoundationStack } from './foundation-stack.ts';
import { ServiceStack } from './service-stack.ts';
import { writeWithoutSdk } from './without-sdk.ts';

const ROOT = join(import.meta.dirname, '..');

export interface SynthesizeOptions {
  /**
   * Where the cloud assembly is written.
   * @default the CLI's choice, or a temporary directory
   */
  readonly outdir?: string;
  /**
   * Run cdk-nag's AwsSolutions pack; a violation throws.
   * @default false
   */
  readonly validate?: boolean;
  /** @default this checkout's `state-machine/rollout.asl.yaml` */
  readonly definitionFile?: string;
  /** @default this checkout's `functions/` */
  readonly functionsDirectory?: string;
  /**
   * Write the functions once more, without the SDK, into `without-sdk/` of the assembly: for a region whose runtime has one.
   * Nothing that is deployed changes by it.
   * @default false
   */
  readonly withoutSdk?: boolean;
}

/** Synthesizes the stacks of each service, without credentials or network, and returns the cloud assembly's directory. */
export async function synthesize(
  configuration: CheckedConfiguration,
  options: SynthesizeOptions = {},
): Promise<string> {
  const { definitionFile = DEFINITION_FILE, functionsDirectory } = options;
  const bundles = await bundleHandlers(functionsDirectory);
  const app = new App({
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
    context: { ...cdkContext(), 'aws:cdk:enable-path-metadata': true },
    analyticsReporting: false,
    // Costs seconds and 300 MB at every synthesis; a test runs it instead.
    builtinCloudFormationValidation: false,
  });
  const grounds: Ground[] = [];
  const cells = configuration.services.map(cellOf);
  const dashboard = configuration.dashboard && new DashboardStack(app, { cells, name: configuration.dashboard.name });
  const chat = configuration.chat && new ChatStack(app, { cells, name: configuration.chat.name });
  for (const cell of cells) {
    const ground = groundOf(app, cell, bundles);
    const stack = new CellStack(app, { cell, bundles, definitionFile });
    // Fixed names tie the stacks together, so that each can be deployed and deleted alone.
    if (ground) {
      stack.addStackDependency(ground);
      grounds.push({ service: cell.service, stack: ground });
    }
    // Its queries read log groups that must be there.
    dashboard?.addStackDependency(stack);
    // Its channels follow topics that must be there.
    chat?.addStackDependency(stack);
  }
  afterTheirClusters(grounds);
  if (options.validate) {
    Validations.of(app).addPlugins(await awsSolutionsChecks(app));
  }
  const { directory } = app.synth();
  if (options.withoutSdk) writeWithoutSdk(directory, bundles, await bundleHandlers(functionsDirectory, 'runtime'));
  return directory;
}

interface Ground {
  readonly service: CheckedService;
  readonly stack: Stack;
}

/** A service in a cluster that another service of the file creates comes after it. */
function afterTheirClusters(grounds: readonly Ground[]): void {
  for (const { service, stack } of grounds) {
    if (service.provision?.cluster !== 'existing') continue;
    const creator = grounds.find(
      (other) => other.service.provision?.cluster === 'create' && other.service.cluster === service.cluster,
    );
    if (creator) stack.addStackDependency(creator.stack);
  }
}

/** The stacks under a cell, as far as they are configured; the answer is the last of them. */
function groundOf(app: App, cell: Cell, bundles: Bundles): Stack | undefined {
  const { registry, github, provision } = cell.service;
  if (!registry && !github && !provision) return undefined;
  const foundation = new FoundationStack(app, { cell, ensureBundle: bundles.get('ensure-present')! });
  if (!provision) return foundation;
  const service = new ServiceStack(app, { cell, provision });
  service.addStackDependency(foundation);
  acknowledgeService(service, cell);
  return service;
}

/** Loaded here only, a rehearsal has no use for it; typed by hand, since cdk-nag's declarations pull in the whole CDK's. */
async function awsSolutionsChecks(app: App): Promise<IPolicyValidationPlugin> {
  const packageName: string = 'cdk-nag';
  const { AwsSolutionsChecks } = (await import(packageName)) as {
    readonly AwsSolutionsChecks: new (scope: App) => IPolicyValidationPlugin;
  };
  return new AwsSolutionsChecks(app);
}

/** The feature flags of cdk.json, which the CLI passes by itself: both ways give the same templates. */
function cdkContext(): Record<string, unknown> {
  const settings = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  return settings.context;
}
