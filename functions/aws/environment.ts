/** A variable that the stack sets; its absence is a defect of the deployment and said so. */
export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`The environment variable ${name} is not set: deploy the stack again.`);
  return value;
}
