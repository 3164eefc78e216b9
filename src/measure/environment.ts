import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';
import type { RunResult } from '../core/index.js';

/** Git is asked for at most this long; a huge work tree is not worth more. */
const gitTimeoutMs = 2000;

/** The machine, the build and the CI that a run took place in. */
export async function readEnvironment(
  options: {
    /** Whose git commit is meant; the current directory unless given. */
    cwd?: string;
    env?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<RunResult['environment']> {
  const git = await readGit(options.cwd ?? process.cwd());
  const ci = ciOf(options.env ?? process.env);
  return {
    node: process.version,
    os: systemName(),
    cpu: cpuModel(),
    cores: availableParallelism(),
    memoryBytes: usableMemory(),
    ...(git === undefined ? {} : { git }),
    ...(ci === undefined ? {} : { ci }),
  };
}

/** A container's limit counts; without one, some systems tell 0 and others a number beyond every machine. */
function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function systemName(): string {
  const kernel = `${type()} ${release()} ${arch()}`;
  try {
    const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    return name === undefined || name === '' ? kernel : `${name}, ${kernel}`;
  } catch {
    return kernel;
  }
}

function cpuModel(): string {
  const model = cpus()[0]?.model.trim();
  return model === undefined || model === '' || model === 'unknown' ? `unnamed ${arch()}` : model;
}

async function readGit(cwd: string): Promise<{ commit: string; dirty: boolean } | undefined> {
  const git = async (...args: string[]) => {
    // Optional locks would disturb a git command of the user's at the same time.
    const { stdout } = await promisify(execFile)('git', ['--no-optional-locks', ...args], {
      cwd,
      timeout: gitTimeoutMs,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout.trim();
  };
  try {
    const [commit, changes] = await Promise.all([
      git('rev-parse', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ]);
    return { commit, dirty: changes !== '' };
  } catch {
    return undefined;
  }
}

/** Variables that give a CI away; the general ones last. */
const ciMarks: readonly [variable: string, name: string][] = [
  ['FORGEJO_ACTIONS', 'Forgejo Actions'],
  ['GITEA_ACTIONS', 'Gitea Actions'],
  ['GITHUB_ACTIONS', 'GitHub Actions'],
  ['GITLAB_CI', 'GitLab CI'],
  ['JENKINS_URL', 'Jenkins'],
  ['CIRCLECI', 'CircleCI'],
  ['BUILDKITE', 'Buildkite'],
  ['TF_BUILD', 'Azure Pipelines'],
  ['TRAVIS', 'Travis CI'],
  ['BITBUCKET_BUILD_NUMBER', 'Bitbucket Pipelines'],
  ['DRONE', 'Drone'],
  ['TEAMCITY_VERSION', 'TeamCity'],
  ['CODEBUILD_BUILD_ID', 'AWS CodeBuild'],
  ['APPVEYOR', 'AppVeyor'],
  ['SEMAPHORE', 'Semaphore'],
  ['CIRRUS_CI', 'Cirrus CI'],
];

/** The name of the CI that the variables speak of, `unknown CI` where only `CI` is set, undefined outside of any. */
export function ciOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const set = (variable: string) => !['', '0', 'false'].includes((env[variable] ?? '').toLowerCase());
  const known = ciMarks.find(([variable]) => set(variable));
  if (known) return known[1];
  if (env['CI'] === 'woodpecker') return 'Woodpecker CI';
  return set('CI') ? 'unknown CI' : undefined;
}
