import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A small Node program that a test started; it speaks in lines. */
export interface Program {
  pid: number;
  child: ChildProcess;
  /** Sends a line and gives the next line that it prints, as JSON. */
  ask<T>(line: string): Promise<T>;
  /** The next line that it prints, as JSON. */
  told<T>(): Promise<T>;
  stop(): Promise<void>;
}

const prelude = `
  const { spawn } = require('node:child_process');
  const fs = require('node:fs');
  const tell = (value) => console.log(JSON.stringify(value));
  const burn = (ms) => { const end = process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000 + ms;
    while (process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000 < end) Math.sqrt(Math.random()); };
  const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  const answers = {};
  require('node:readline').createInterface({ input: process.stdin })
    .on('line', async (line) => { const [name, ...args] = line.split(' '); await answers[name](...args); })
    .on('close', () => process.exit());
`;

/** Starts a program with helpers `tell`, `burn`, `cpuMs`, `answers`, `spawn` and `fs`. */
export function startProgram(source: string, env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, ['-e', prelude + source], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const told = async <T>() => {
    const { value, done } = (await lines.next()) as { value: string; done?: boolean };
    if (done === true) throw new Error('the program ended');
    return JSON.parse(value) as T;
  };
  return {
    pid: child.pid!,
    child,
    told,
    ask: (line) => {
      child.stdin!.write(`${line}\n`);
      return told();
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin!.end();
      setTimeout(() => child.kill('SIGKILL'), 2000).unref();
      await ended;
    },
  };
}

/** True while a process lives (zombies do not). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
