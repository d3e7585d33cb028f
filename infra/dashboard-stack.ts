import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { dashboardStackName } from '../configuration/names.ts';
import type { Cell } from './cell.ts';
import { Console } from './console.ts';
import { Dashboard } from './dashboard.ts';
import { tell } from './tell.ts';

interface DashboardStackProps {
  readonly cells: readonly Cell[];
  /** As configured. */
  readonly name: string;
}

/**
 * The dashboard of all services of a configuration. It stands beside their stacks, because no one of them owns it: a service that
 * leaves the file leaves the dashboard with the next deployment, whatever becomes of its own stack. It holds nothing.
 */
export class DashboardStack extends Stack {
  constructor(scope: Construct, { cells, name }: DashboardStackProps) {
    super(scope, dashboardStackName(name), { description: 'Shows the rollouts of all services of one configuration' });
    const console = new Console(this, 'Console');
    const pages = new Set(cells.map(({ service }) => service.dashboard?.name).filter((page) => page !== undefined));
    [...pages].forEach((page, index) => {
      const number = index === 0 ? '' : `${index + 1}`;
      const drawn = cells.filter(({ service }) => service.dashboard?.name === page);
      new Dashboard(this, `Dashboard${number}`, { cells: drawn, name: page, console });
      const shows = 'What runs, how rollouts ended and why, how often and how well, and how many tasks run';
      tell(this, { [`DashboardConsole${number}`]: [console.dashboard(page), shows] });
    });
  }
}
