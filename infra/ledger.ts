import { RemovalPolicy } from 'aws-cdk-lib/core';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/**
 * The cell's memory: one item of state and one per past rollout. It outlives the stack, since it names the proven revisions;
 * a stack that is created again takes it over with `cdk deploy --import-existing-resources`, which finds it by its name.
 */
export class Ledger extends Table {
  constructor(scope: Construct, id: string, tableName: string) {
    super(scope, id, {
      tableName,
      partitionKey: { name: 'service', type: AttributeType.STRING },
      sortKey: { name: 'entry', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }
}
