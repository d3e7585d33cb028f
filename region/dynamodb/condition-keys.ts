import type { AttributeValue, GetItemInput, PutItemInput, QueryInput, ScanInput } from '@aws-sdk/client-dynamodb';

/** What a request carries of which condition keys are made. */
export type Requested = Partial<GetItemInput & PutItemInput & QueryInput & ScanInput>;

/**
 * The condition keys of a request. `dynamodb:Attributes` are the names of the top-level attributes that it names, those of its key
 * with them: whoever asks for all names none, and says so by `dynamodb:Select` alone, which every read has.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function conditionKeys(
  kind: 'read' | 'write',
  requested: Requested,
  partitionKey: string | undefined,
): Record<string, string | readonly string[]> {
  const leading = partitionKey === undefined ? undefined : leadingKey(requested, partitionKey);
  return {
    ...(leading !== undefined && { 'dynamodb:LeadingKeys': [leading] }),
    'dynamodb:Attributes': attributesOf(requested),
    ...(kind === 'read'
      ? { 'dynamodb:Select': selectOf(requested) }
      : { 'dynamodb:ReturnValues': requested.ReturnValues ?? 'NONE' }),
  };
}

/** As the reference of Query and Scan says it of their parameter `Select`. */
function selectOf({ Select, ProjectionExpression, AttributesToGet, IndexName }: Requested): string {
  if (Select !== undefined) return Select;
  if (ProjectionExpression !== undefined || AttributesToGet !== undefined) return 'SPECIFIC_ATTRIBUTES';
  return IndexName === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}

function attributesOf(requested: Requested): string[] {
  const { Key, Item, AttributesToGet = [], KeyConditions, QueryFilter, ScanFilter, Expected } = requested;
  const { ProjectionExpression, KeyConditionExpression, FilterExpression, ConditionExpression } = requested;
  const keyed = [Key, Item, KeyConditions, QueryFilter, ScanFilter, Expected].flatMap((each) =>
    Object.keys(each ?? {}),
  );
  const named = [ProjectionExpression, KeyConditionExpression, FilterExpression, ConditionExpression].flatMap(
    (expression) => namesIn(expression ?? '', requested),
  );
  return [...new Set([...keyed, ...AttributesToGet, ...named])];
}

const KEYWORDS = new Set(['and', 'or', 'not', 'between', 'in']);

/** Names of top-level attributes: no function has a name of one, nor what comes after a dot, an index or a value. */
function namesIn(expression: string, { ExpressionAttributeNames: names = {} }: Requested): string[] {
  return [...expression.matchAll(/(\.\s*)?([#:]?\w+)(\s*\()?/g)].flatMap(([, dot, word = '', parenthesis]) => {
    if (dot !== undefined || /^[:\d]/.test(word)) return [];
    if (word.startsWith('#')) return names[word] ?? [];
    return parenthesis !== undefined || KEYWORDS.has(word.toLowerCase()) ? [] : [word];
  });
}

/** The partition key's value, where it is a string. */
function leadingKey(requested: Requested, partitionKey: string): string | undefined {
  const { Key, Item, KeyConditions } = requested;
  const value = (Key ?? Item)?.[partitionKey] ?? KeyConditions?.[partitionKey]?.AttributeValueList?.[0];
  return (value ?? conditionValue(requested, partitionKey))?.S;
}

function conditionValue(requested: Requested, partitionKey: string): AttributeValue | undefined {
  const { KeyConditionExpression = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues } = requested;
  for (const [, name = '', value = ''] of KeyConditionExpression.matchAll(/(#?\w+)\s*=\s*(:\w+)/g))
    if ((names[name] ?? name) === partitionKey) return ExpressionAttributeValues?.[value];
  return undefined;
}
