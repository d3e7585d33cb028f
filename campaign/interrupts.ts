/** What Node.js and shells make of an interrupt. */
const INTERRUPTED = 130;

/** Asks for an end at the first Ctrl-C, which `onFirst` says, and ends the process at the second. Answers whether one came. */
export function followInterrupts(onFirst: () => void): () => boolean {
  let isOver = false;
  process.on('SIGINT', () => {
    if (isOver) process.exit(INTERRUPTED);
    isOver = true;
    onFirst();
  });
  return () => isOver;
}

/** Ends the process at the first Ctrl-C, with what it does when it exits; the answer takes that back. */
export function exitAtInterrupt(): () => void {
  const exit = (): never => process.exit(INTERRUPTED);
  process.on('SIGINT', exit);
  return () => void process.off('SIGINT', exit);
}
