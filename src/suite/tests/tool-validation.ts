import type { ToolValidator, ValidationResult } from '../../host/index.js';
import { printableLine } from '../../core/printable.js';
import { filledCatalogue, originNote } from '../services/filled-catalogue.js';
import { shortfall, timeEach } from '../services/repeat.js';
import { Timings } from '../services/timings.js';
import { validationCases, type ValidationCase } from '../services/validation-cases.js';
import type { SuiteTest } from '../suite-test.js';

/** Arguments held against the target's schemas, right ones and wrong ones. */
export const toolValidation: SuiteTest = {
  id: 'tool-validation',
  title: 'Validating arguments against schemas',
  tags: ['performance', 'services'],
  originalName: 'test_tool_validation_performance',
  explain:
    "Validates arguments against the schemas of the target's tools and of made ones, in this process, with mcp-dyno's own " +
    'validator: right ones, and wrong ones made of them (something required left out, something unknown added, a wrong ' +
    'type, a value out of range). Which are right is told by ajv, another validator. Shows the time of each validation ' +
    '(validation_time.*, by right and wrong under operations) and of the first use of each schema (compile_time.*). Decides ' +
    'PERF_MAX_VALIDATION_TIME_MS: the mean, and ten times that for the slowest; and itself that each wrong set of ' +
    'arguments is refused, with a reason, and each right one accepted.',
  parameters: {
    madeTools: {
      what: "made tools beside the target's",
      smoke: 10,
      quick: 100,
      full: 100,
      min: 0,
      max: 10_000,
    },
    validations: { what: 'validations', smoke: 100, quick: 1000, full: 1000, min: 1, max: 1_000_000 },
    targetTools: {
      what: 'tools of the target whose schemas are used, at most',
      smoke: 50,
      quick: 500,
      full: 5000,
      min: 1,
      max: 100_000,
    },
  },
  limitMs: (parameters) =>
    5000 +
    (Number(parameters['madeTools']) + Number(parameters['targetTools'])) * 20 +
    Number(parameters['validations']) * 2,
  async run(context) {
    const { ToolValidator } = await import('../../host/index.js');
    const real = context.bench.tools.slice(0, context.number('targetTools'));
    const catalogue = filledCatalogue(real, real.length + context.number('madeTools'), 2);
    const tools = [...catalogue.real, ...catalogue.made];
    const { cases, notes } = await validationCases(tools, context.operations);
    if (cases.length === 0) {
      return { status: 'skipped', reason: 'there is no schema to validate against', notes };
    }
    const validator = new ToolValidator({ level: 'standard', cacheSize: tools.length });
    const { compiling, refused } = compiled(validator, cases);
    const usable = cases.filter(({ tool }) => !refused.has(tool.name));
    const asked = usable.length === 0 ? 0 : context.number('validations');
    const caseOf = (index: number) => usable[index % usable.length]!;
    const apart = { right: new Timings(), wrong: new Timings() };
    const faults: { count: number; first?: string } = { count: 0 };
    const byKeyword: Record<string, number> = {};
    let refusedWrong = 0;
    const timings = await timeEach({
      count: asked,
      stop: context.stop,
      work: (index) => validator.validateInput(caseOf(index).tool, caseOf(index).args),
      check: (result, index, ms) => {
        const one = caseOf(index);
        const fault = faultOf(one, result);
        if (fault !== undefined) {
          faults.count++;
          faults.first ??= fault;
        }
        if (ms === undefined) return;
        apart[one.valid ? 'right' : 'wrong'].add(ms);
        if (one.valid) return;
        byKeyword[one.keyword] = (byKeyword[one.keyword] ?? 0) + 1;
        if (!result.valid) refusedWrong++;
      },
    });
    return {
      metrics: {
        ...timings.metrics('validation_time'),
        ...compiling.metrics('compile_time'),
        'validations.valid': { value: apart.right.count, unit: 'count' },
        'validations.invalid': { value: apart.wrong.count, unit: 'count' },
        'validations.refused': { value: refusedWrong, unit: 'count' },
      },
      operations: {
        'host/validate right arguments': apart.right.operation(),
        'host/validate wrong arguments': apart.wrong.operation(),
      },
      histograms: timings.count > 0 ? { validation_time: timings.histogram() } : {},
      notes: [
        originNote(catalogue),
        ...notes,
        ...[...refused]
          .slice(0, 5)
          .map(([name, why]) => `The schema of ${printableLine(name, 60)} was refused: ${why}`),
        ...shortfall('validations', timings, asked),
      ],
      details: {
        schemas: tools.length - refused.size,
        refusedSchemas: refused.size,
        wrongByKeyword: byKeyword,
      },
      ...verdictOf(faults, asked),
    };
  },
};

/** Every schema is used once: that compiles it. Those that the validator will not use are named with the reason. */
function compiled(
  validator: ToolValidator,
  cases: readonly ValidationCase[],
): { compiling: Timings; refused: Map<string, string> } {
  const compiling = new Timings();
  const refused = new Map<string, string>();
  for (const tool of new Set(cases.map((one) => one.tool))) {
    const started = performance.now();
    const refusal = validator.refusalOf(tool.inputSchema);
    compiling.add(performance.now() - started);
    if (refusal !== undefined) refused.set(tool.name, printableLine(refusal.message, 200));
  }
  return { compiling, refused };
}

function faultOf(
  { tool, args, valid, keyword }: ValidationCase,
  result: ValidationResult,
): string | undefined {
  const name = printableLine(tool.name, 60);
  const shown = printableLine(JSON.stringify(args), 100);
  if (valid) return result.valid ? undefined : `${name} refused ${shown}, which fits: ${result.message}`;
  if (result.valid) return `${name} accepted ${shown}, which its schema forbids (${keyword})`;
  return result.errors.length === 0 || result.message === ''
    ? `${name} refused ${shown} without a reason`
    : undefined;
}

function verdictOf(
  faults: { count: number; first?: string },
  asked: number,
): { status?: 'fail' | 'inconclusive'; reason?: string } {
  if (asked === 0)
    return { status: 'inconclusive', reason: 'every schema was refused, so nothing was validated' };
  if (faults.first === undefined) return {};
  return { status: 'fail', reason: `${faults.count} of ${asked} validations were wrong: ${faults.first}` };
}
