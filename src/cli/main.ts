/** Starts the command named by `args` (without `node` and the script). */
export function main(args: readonly string[]): Promise<void> {
  process.stdout.write(`${args.join(' ')}\n`);
  return Promise.resolve();
}
