/** One way to reach the service. */
export interface Address {
  /** What a browser opens; undefined where nobody says that HTTP is spoken. */
  readonly url: string | undefined;
  /** A name in DNS, or an IP address. */
  readonly host: string;
  /** Undefined where no container names one. */
  readonly port: number | undefined;
  /** The listener's: `HTTPS`, `TCP`; undefined for a task's own address. */
  readonly protocol: string | undefined;
  /** Whether it is reached from the internet, as far as its kind goes: security groups are not looked at. */
  readonly isPublic: boolean;
  /** Whether only those requests come to the service that a rule of the listener picks. */
  readonly isByRule: boolean;
  /** Undefined for a load balancer's. */
  readonly taskArn: string | undefined;
}
