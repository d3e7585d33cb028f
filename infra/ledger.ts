import { RemovalPolicy } from 'aws-cdk-lib/core';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { LEDGER_KEYS } from '../functions/rollout/ledger.ts';

/**
 * The cell's memory: one item of state and one per past rollout. It outlives the stack, since it names the proven revisions, even
 * one that could not be created; a stack that is created again takes it over with `cdk deploy --import-existing-resources`, which finds it by its name.
 */
export class Ledger extends Table {
  constructor(scope: Construct, id: string, tableName: string) {
    super(scope, id, {
      tableName,
      partitionKey: { name: LEDGER_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: LEDGER_KEYS.sort, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // Without it nobody knows what was proven: whoever wants the table gone says so twice.
      deletionProtection: true,
      // On creation too: CloudFormation could not delete a protected table when it rolls back.
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
