import { parseJson } from '../json.ts';
import type {
  GetDashboardInput,
  GetDashboardOutput,
  ListDashboardsInput,
  ListDashboardsOutput,
} from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import { partitionOf } from '../partition.ts';
import { readProperties } from '../properties.ts';
import {
  Fault,
  operation,
  type Operation,
  type RegionContext,
  type ResourceCreator,
  type ResourceUpdater,
} from '../service.ts';
import type { Monitoring } from './model.ts';
import { nextOf, pageAfter } from './paging.ts';

const PAGE_SIZE = 1000;

/** GetDashboard and ListDashboards. */
export function dashboardOperations(monitoring: Monitoring): Record<string, Operation> {
  const { dashboards } = monitoring.state;
  return {
    GetDashboard: operation<GetDashboardInput, GetDashboardOutput>({
      permissions: ({ DashboardName = '' }) => [
        { action: 'cloudwatch:GetDashboard', resource: arnOf(monitoring, DashboardName) },
      ],
      apply: ({ DashboardName = '' }) => {
        const dashboard = dashboards.get(DashboardName);
        if (dashboard === undefined)
          throw new Fault('DashboardNotFoundError', `Dashboard ${DashboardName} does not exist`, 404);
        return { DashboardName, DashboardArn: dashboard.arn, DashboardBody: dashboard.body };
      },
    }),
    ListDashboards: operation<ListDashboardsInput, ListDashboardsOutput>({
      permissions: () => [{ action: 'cloudwatch:ListDashboards', resource: '*' }],
      apply: ({ DashboardNamePrefix = '', NextToken }) => {
        const matching = [...dashboards.values()].filter(({ name }) => name.startsWith(DashboardNamePrefix));
        matching.sort((a, b) => (a.name < b.name ? -1 : 1));
        const page = pageAfter(matching, PAGE_SIZE, NextToken);
        const entries = page.items.map(({ name, arn, body, modifiedAt }) => ({
          DashboardName: name,
          DashboardArn: arn,
          LastModified: new Date(modifiedAt),
          Size: Buffer.byteLength(body),
        }));
        return { DashboardEntries: entries, ...nextOf(page) };
      },
    }),
  };
}

const dashboardProperties = z.strictObject({
  DashboardBody: z.string(),
  DashboardName: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,255}$/)
    .optional(),
});

const dashboardBody = z.looseObject({
  widgets: z.array(z.looseObject({ type: z.string(), properties: z.record(z.string(), z.unknown()).optional() })),
});

/** Creates `AWS::CloudWatch::Dashboard`. Nothing draws it: its body must be JSON with widgets, as PutDashboard requires, and is kept. */
export function dashboardResource(monitoring: Monitoring): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const { DashboardBody: body, DashboardName: name = `${stackName}-${logicalId}` } = read(logicalId, properties);
    put(monitoring, name, body);
    return { ref: name, attributes: {} };
  };
}

/** Gives a dashboard another body. */
export function dashboardUpdater(monitoring: Monitoring): ResourceUpdater {
  return {
    changeable: ['DashboardBody'],
    replacing: ['DashboardName'],
    update: ({ logicalId, current, after }) => {
      put(monitoring, current.ref, read(logicalId, after).DashboardBody);
      return current;
    },
  };
}

function read(logicalId: string, properties: unknown): z.output<typeof dashboardProperties> {
  const given = readProperties(dashboardProperties, `AWS::CloudWatch::Dashboard ${logicalId}`, properties);
  if (dashboardBody.safeParse(parsed(given.DashboardBody)).success) return given;
  const problem = `The field DashboardBody of ${logicalId} must be a valid JSON object with widgets`;
  throw new Fault('InvalidParameterInput', problem);
}

function put(monitoring: Monitoring, name: string, body: string): void {
  const modifiedAt = monitoring.kernel.now;
  monitoring.state.dashboards.set(name, { name, arn: arnOf(monitoring, name), body, modifiedAt });
}

/** Dashboards belong to no region. */
function arnOf({ region, account }: RegionContext, name: string): string {
  return `arn:${partitionOf(region)}:cloudwatch::${account}:dashboard/${name}`;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
