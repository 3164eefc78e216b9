// Puts report.md on the pull request: one comment, found again by its hidden first line and updated in place. What goes
// wrong here is said and fails nothing: a fork's token may not comment.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const timeoutMs = 15_000;
const mostPages = 20;
const { GITHUB_API_URL, GITHUB_EVENT_PATH, GITHUB_REPOSITORY, GITHUB_TOKEN, DYNO_ACTION_REPORTS } =
  process.env;

async function ask(method, path, body) {
  const response = await fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${GITHUB_TOKEN}`,
      'content-type': 'application/json',
      'user-agent': 'mcp-dyno',
    },
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
  return response.json();
}

async function findComment(number, marker) {
  for (let page = 1; page <= mostPages; page++) {
    const comments = await ask('GET', `issues/${number}/comments?per_page=100&page=${page}`);
    const own = comments.find(({ body }) => typeof body === 'string' && body.startsWith(marker));
    if (own !== undefined) return own.id;
    if (comments.length < 100) return undefined;
  }
  return undefined;
}

try {
  const body = await readFile(join(DYNO_ACTION_REPORTS, 'report.md'), 'utf8');
  const event = JSON.parse(await readFile(GITHUB_EVENT_PATH, 'utf8'));
  const number = Number(event.pull_request.number);
  const [marker] = body.split('\n');
  const id = await findComment(number, marker);
  if (id === undefined) await ask('POST', `issues/${number}/comments`, { body });
  else await ask('PATCH', `issues/comments/${id}`, { body });
  console.log(id === undefined ? 'Commented.' : 'Updated the comment.');
} catch (error) {
  const text = String(error?.message ?? error)
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('%', '%25');
  console.log(`::notice title=dyno::The pull request has no comment: ${text}`);
}
