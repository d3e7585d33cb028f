import { CfnOutput, type Stack } from 'aws-cdk-lib/core';

/** What a stack tells when it is deployed, by name; see `tell`. */
export type Outputs = Readonly<Record<string, readonly [value: string, description: string]>>;

/** Gives a stack its outputs, each of which says what it is for. */
export function tell(stack: Stack, outputs: Outputs): void {
  for (const [name, [value, description]] of Object.entries(outputs))
    new CfnOutput(stack, name, { value, description });
}
