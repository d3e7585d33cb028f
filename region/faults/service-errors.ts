import { Fault } from '../service.ts';
import type { ServiceError } from './model.ts';

interface Words {
  readonly throttling: readonly [code: string, message: string, status: number];
  readonly serverError: readonly [code: string, message: string, status: number];
}

const RATE_EXCEEDED = ['ThrottlingException', 'Rate exceeded', 400] as const;
const TRY_AGAIN = 'The service cannot complete your request because of an internal error. Try again.';
/** "Common error types" of the API references, for services whose models name no error of their own. */
const COMMON: Words = {
  throttling: RATE_EXCEEDED,
  serverError: ['InternalFailure', 'The request processing has failed because of an unknown error.', 500],
};

/** As the services' models name them (their exceptions with `fault`), by signing name. */
const WORDS: Readonly<Record<string, Partial<Words>>> = {
  ecs: { serverError: ['ServerException', TRY_AGAIN, 500] },
  ecr: { serverError: ['ServerException', TRY_AGAIN, 500] },
  dynamodb: {
    throttling: ['ThrottlingException', 'Throughput exceeds the current capacity of your table or index.', 400],
    serverError: ['InternalServerError', TRY_AGAIN, 500],
  },
  ssm: { serverError: ['InternalServerError', TRY_AGAIN, 500] },
  sns: { throttling: ['Throttled', 'Rate exceeded', 429], serverError: ['InternalError', TRY_AGAIN, 500] },
  events: { serverError: ['InternalException', TRY_AGAIN, 500] },
  logs: { serverError: ['ServiceUnavailableException', TRY_AGAIN, 503] },
  monitoring: {
    throttling: ['Throttling', 'Rate exceeded', 400],
    serverError: ['InternalServiceError', TRY_AGAIN, 500],
  },
  iam: { throttling: ['Throttling', 'Rate exceeded', 400], serverError: ['ServiceFailure', TRY_AGAIN, 500] },
  sts: { throttling: ['Throttling', 'Rate exceeded', 400] },
  secretsmanager: { serverError: ['InternalServiceError', TRY_AGAIN, 500] },
};

/** What `service` answers when it throttles, or fails on its own behalf. */
export function serviceFault(service: string, error: ServiceError): Fault {
  if (typeof error === 'object') return new Fault(error.code, error.message, error.status);
  const { throttling, serverError } = { ...COMMON, ...WORDS[service] };
  return new Fault(...(error === 'throttling' ? throttling : serverError));
}
