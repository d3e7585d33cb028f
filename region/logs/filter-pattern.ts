import { NotModelled } from '../service.ts';

/** Filter patterns of plain terms: every term, quoted or not, must occur. Anything with operators is refused. */
export function matchesFilter(pattern: string): (message: string) => boolean {
  const terms: string[] = [];
  const rest = pattern.replace(/"([^"]*)"|[A-Za-z0-9_]+/g, (term, quoted: string | undefined) => {
    terms.push(quoted ?? term);
    return '';
  });
  if (rest.trim() !== '') throw new NotModelled(`the log filter pattern ${pattern}`);
  return (message) => terms.every((term) => message.includes(term));
}
