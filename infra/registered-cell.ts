import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { registrationName, registrationOf, type Created } from '../configuration/registration.ts';
import type { Cell } from './cell.ts';

interface RegisteredCellProps {
  readonly cell: Cell;
  readonly created: Created;
}

/**
 * What the cell says of itself where everybody looks, so that the command line finds it without its configuration. Its name
 * belongs to the ECS service: a second cell for the same service cannot be created.
 */
export class RegisteredCell extends StringParameter {
  constructor(scope: Construct, id: string, { cell, created }: RegisteredCellProps) {
    super(scope, id, {
      parameterName: registrationName(cell.service),
      description: `What the command line reads of the cell that rolls ${cell.ledgerKey}`,
      stringValue: JSON.stringify(registrationOf(cell.service, created)),
      tier: ParameterTier.STANDARD,
    });
  }
}
