import { stem } from './stem.js';
import { phraseMeanings } from './synonyms.js';

/** What a tool does to the world, or what a user wants done: the coarse meaning of a verb. */
export type Action = 'read' | 'create' | 'update' | 'delete' | 'run' | 'stop';

const verbs: Readonly<Record<Action, string>> = {
  read: `get list show find search read fetch retrieve view check describe inspect lookup query count display see look
    tell browse examine analyze explain know watch monitor compare verify validate whoami discover explore download
    preview summarize calculate measure status select scrape crawl return capture enumerate resolve identify give`,
  create: `create add make new insert append attach upload register invite write post compose draft generate build
    init initialize clone fork copy duplicate fill draw plot save store record remember note report schedule import
    install publish reply answer comment send share book leave enter push submit subscribe begin`,
  update: `update edit change set rename modify move assign mark patch replace put adjust transition transfer turn
    switch upgrade scale resize reorder rank sort protect approve accept resolve merge protect lock sync convert tick
    enable restore revert rollback undo reset pause resume customize star`,
  delete: `delete remove drop erase clear forget throw discard purge wipe destroy uninstall clean unassign unlink
    unprotect unapprove unsubscribe trash archive kick rid teardown`,
  run: `run start trigger execute play launch retry rerun invoke perform call press click hit open navigate go connect
    deploy restart reconnect kick try exec emulate simulate`,
  stop: `stop cancel end close disconnect terminate halt kill quit abort finish complete shut`,
};

const byStem = new Map<string, Action>();
for (const action of Object.keys(verbs) as Action[]) {
  for (const verb of verbs[action].split(/\s+/))
    if (verb !== '' && !byStem.has(stem(verb))) byStem.set(stem(verb), action);
}

/** Words that begin a question: what is asked for is to be told something. */
const questions = new Set(
  'what which who whom whose where when why how is are was were does do did has have can am'.split(' '),
);
/** Openers that look like a question but ask for something to be done: `can you …`, `how do I …`. */
const requests =
  /^(?:can|could|would|will) (?:you|we|i)\b|^how (?:do|can|could|should) (?:i|we|you)\b|^(?:do|have) (?:it|this|that)\b/;

/** The action of a verb's stem; undefined for other words. */
export function actionOf(term: string): Action | undefined {
  return byStem.get(term);
}

/** What a request wants done: a question reads; else its first verb says it. */
export function intendedAction(tokens: readonly string[]): Action | undefined {
  const opening = tokens.slice(0, 4).join(' ');
  const request = requests.exec(opening);
  if (request === null && questions.has(tokens[0] ?? '')) return 'read';
  const rest = request === null ? tokens : tokens.slice(request[0].split(' ').length);
  let previous = '';
  for (const [i, token] of rest.entries()) {
    const pair =
      phraseMeanings.get(`${token} ${rest[i + 1] ?? ''}`) ?? phraseMeanings.get(`${previous} ${token}`);
    const action = byStem.get(pair ?? '') ?? byStem.get(stem(token));
    if (action !== undefined) return action;
    previous = token;
  }
  return undefined;
}

/** What a tool does, by the first verb of its name, else by that of its description. */
export function toolAction(
  nameTokens: readonly string[],
  descriptionTokens: readonly string[],
): Action | undefined {
  for (const token of nameTokens) {
    const action = byStem.get(stem(token));
    if (action !== undefined) return action;
  }
  for (const token of descriptionTokens.slice(0, 3)) {
    const action = byStem.get(stem(token));
    if (action !== undefined) return action;
  }
  return undefined;
}
