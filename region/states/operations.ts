import type * as Sfn from '@aws-sdk/client-sfn';
import { isGiven } from '../given.ts';
import { Fault, NotModelled, operation, type Operation, type PermissionRequest } from '../service.ts';
import { endExecution } from './end-execution.ts';
import { redriveStatus, type Execution, type StateMachine } from './execution.ts';
import { forgetOldExecutions } from './forget-executions.ts';
import { withoutExecutionData } from './history.ts';
import { redrive } from './interpreter.ts';
import type { Workflows } from './model.ts';
import { nextPage } from './paging.ts';
import { MAX_HISTORY_EVENTS, REDRIVABLE_MS } from './quotas.ts';
import { executionWithArn, machineWithArn } from './registry.ts';
import { startExecution } from './start-execution.ts';

/** The operations on state machines and executions. */
export function executionOperations(workflows: Workflows): Record<string, Operation> {
  return {
    StartExecution: operation<Sfn.StartExecutionInput, Sfn.StartExecutionOutput>({
      permissions: (input) => allow('StartExecution', input.stateMachineArn),
      apply({ stateMachineArn, name, input, traceHeader, ...others }) {
        refuseMembers('StartExecution', { traceHeader, ...others });
        const execution = startExecution(workflows, {
          stateMachineArn: stateMachineArn!,
          name,
          input,
        });
        return { executionArn: execution.arn, startDate: new Date(execution.startedAt) };
      },
    }),
    StopExecution: operation<Sfn.StopExecutionInput, Sfn.StopExecutionOutput>({
      permissions: (input) => allow('StopExecution', input.executionArn),
      apply({ executionArn, error, cause }) {
        const execution = executionWithArn(workflows, executionArn!);
        endExecution(workflows, execution, 'ABORTED', { error, cause });
        return { stopDate: new Date(execution.stoppedAt!) };
      },
    }),
    RedriveExecution: operation<Sfn.RedriveExecutionInput, Sfn.RedriveExecutionOutput>({
      permissions: (input) => allow('RedriveExecution', input.executionArn),
      apply({ executionArn }) {
        return { redriveDate: new Date(redriveExecution(workflows, executionWithArn(workflows, executionArn!))) };
      },
    }),
    ...describeOperations(workflows),
    ...listOperations(workflows),
  };
}

function describeOperations(workflows: Workflows): Record<string, Operation> {
  return {
    DescribeExecution: operation<Sfn.DescribeExecutionInput, Sfn.DescribeExecutionOutput>({
      permissions: (input) => allow('DescribeExecution', input.executionArn),
      apply({ executionArn, includedData }) {
        refuseMembers('DescribeExecution', { includedData });
        return describeExecution(executionWithArn(workflows, executionArn!));
      },
    }),
    DescribeStateMachine: operation<Sfn.DescribeStateMachineInput, Sfn.DescribeStateMachineOutput>({
      permissions: (input) => allow('DescribeStateMachine', input.stateMachineArn),
      apply({ stateMachineArn, includedData }) {
        refuseMembers('DescribeStateMachine', { includedData });
        return describeStateMachine(machineWithArn(workflows, stateMachineArn!));
      },
    }),
    GetExecutionHistory: operation<Sfn.GetExecutionHistoryInput, Sfn.GetExecutionHistoryOutput>({
      permissions: (input) => allow('GetExecutionHistory', input.executionArn),
      apply({ executionArn, reverseOrder, includeExecutionData = true, maxResults, nextToken }) {
        const { history } = executionWithArn(workflows, executionArn!);
        const ordered = reverseOrder ? [...history].reverse() : history;
        const page = nextPage(ordered, maxResults, nextToken);
        const events = includeExecutionData ? page.items : page.items.map(withoutExecutionData);
        return { events, ...page.more };
      },
    }),
  };
}

function listOperations(workflows: Workflows): Record<string, Operation> {
  return {
    ListExecutions: operation<Sfn.ListExecutionsInput, Sfn.ListExecutionsOutput>({
      permissions: (input) => allow('ListExecutions', input.stateMachineArn),
      apply({ stateMachineArn, statusFilter, maxResults, nextToken, mapRunArn, redriveFilter }) {
        refuseMembers('ListExecutions', { mapRunArn, redriveFilter });
        if (stateMachineArn === undefined)
          throw new Fault('ValidationException', 'Either stateMachineArn or mapRunArn must be given.');
        const machine = machineWithArn(workflows, stateMachineArn);
        forgetOldExecutions(workflows);
        const found = [...workflows.state.executions.values()].filter(
          (execution) =>
            execution.machine.arn === machine.arn && (statusFilter ?? execution.status) === execution.status,
        );
        const page = nextPage(found.reverse(), maxResults, nextToken);
        return { executions: page.items.map(summarize), ...page.more };
      },
    }),
    ListStateMachines: operation<Sfn.ListStateMachinesInput, Sfn.ListStateMachinesOutput>({
      permissions: () => allow('ListStateMachines', '*'),
      apply({ maxResults, nextToken }) {
        const page = nextPage([...workflows.state.machines.values()], maxResults, nextToken);
        const stateMachines = page.items.map((machine) => ({
          stateMachineArn: machine.arn,
          name: machine.name,
          type: 'STANDARD' as const,
          creationDate: new Date(machine.createdAt),
        }));
        return { stateMachines, ...page.more };
      },
    }),
  };
}

function allow(action: string, resource: string | undefined): PermissionRequest[] {
  return [{ action: `states:${action}`, resource: resource ?? '*' }];
}

function refuseMembers(name: string, members: object): void {
  for (const [member, value] of Object.entries(members))
    if (isGiven(value)) throw new NotModelled(`Parameter '${member}' of ${name}`);
}

function summarize(execution: Execution): Sfn.ExecutionListItem {
  const { arn, machine, name, status, startedAt, stoppedAt, redriveCount, redrivenAt } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate: new Date(startedAt),
    ...(stoppedAt !== undefined && { stopDate: new Date(stoppedAt) }),
    redriveCount,
    ...(redrivenAt !== undefined && { redriveDate: new Date(redrivenAt) }),
  };
}

function describeExecution(execution: Execution): Sfn.DescribeExecutionOutput {
  const { input, output, error, cause } = execution;
  return {
    ...summarize(execution),
    status: execution.status,
    startDate: new Date(execution.startedAt),
    input,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...redriveStatus(execution),
  } as Sfn.DescribeExecutionOutput;
}

function describeStateMachine(machine: StateMachine): Sfn.DescribeStateMachineOutput {
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    status: machine.isBeingDeleted ? 'DELETING' : 'ACTIVE',
    definition: machine.definitionText,
    roleArn: machine.roleArn,
    type: 'STANDARD',
    creationDate: new Date(machine.createdAt),
    loggingConfiguration: machine.logging,
    tracingConfiguration: machine.tracing,
    revisionId: machine.revisionId,
  };
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html */
function redriveExecution(workflows: Workflows, execution: Execution): number {
  const { now } = workflows.kernel;
  const refuse = (why: string) => new Fault('ExecutionNotRedrivable', `Execution '${execution.arn}' ${why}`);
  const { redriveStatus: status, redriveStatusReason: reason } = redriveStatus(execution);
  if (status === 'NOT_REDRIVABLE') throw refuse(`cannot be redriven: ${reason}`);
  if (!workflows.state.machines.has(execution.machine.arn)) throw refuse('is one of a state machine that was deleted');
  if (now - execution.stoppedAt! > REDRIVABLE_MS) throw refuse('closed more than 14 days ago');
  if (execution.history.length >= MAX_HISTORY_EVENTS - 1) throw refuse('has no room for more history events');
  execution.status = 'RUNNING';
  execution.redriveCount++;
  execution.redrivenAt = now;
  for (const member of ['stoppedAt', 'output', 'error', 'cause'] as const) delete execution[member];
  redrive(workflows, execution);
  return now;
}
