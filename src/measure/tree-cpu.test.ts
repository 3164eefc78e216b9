import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TreeCpu, type CpuReading } from './tree-cpu.js';

const reading = (pid: number, ppid: number, own: number, waited = 0): CpuReading => ({
  pid,
  ppid,
  own,
  waited,
});

describe('the CPU time of a tree', () => {
  it('starts at zero and adds up own time', () => {
    const cpu = new TreeCpu();
    expect(cpu.update([reading(1, 0, 500), reading(2, 1, 70, 30)])).toBe(0);
    expect(cpu.update([reading(1, 0, 510), reading(2, 1, 75, 30)])).toBe(15);
  });

  it('keeps the time of a child that was waited for, once', () => {
    const cpu = new TreeCpu();
    cpu.update([reading(1, 0, 0)]);
    expect(cpu.update([reading(1, 0, 1), reading(2, 1, 100)])).toBe(101);
    // It used 20 more before it ended.
    expect(cpu.update([reading(1, 0, 1, 120)])).toBe(121);
    expect(cpu.update([reading(1, 0, 2, 120)])).toBe(122);
  });

  it('does not dip while a child is gone but its parent was read before it waited', () => {
    const cpu = new TreeCpu();
    cpu.update([reading(1, 0, 0), reading(2, 1, 100)]);
    expect(cpu.update([reading(1, 0, 0)])).toBe(0);
    expect(cpu.update([reading(1, 0, 0, 105)])).toBe(5);
  });

  it('keeps the time of a child that nobody waits for', () => {
    const cpu = new TreeCpu();
    cpu.update([reading(1, 0, 0), reading(2, 1, 0)]);
    expect(cpu.update([reading(1, 0, 0), reading(2, 1, 50)])).toBe(50);
    for (let i = 0; i < 5; i++) expect(cpu.update([reading(1, 0, 0)])).toBe(50);
    expect(cpu.update([reading(1, 0, 3)])).toBe(53);
  });

  it('counts children too short to be seen, through their parent', () => {
    const cpu = new TreeCpu();
    cpu.update([reading(1, 0, 0)]);
    expect(cpu.update([reading(1, 0, 0, 40)])).toBe(40);
  });

  it('hands time up through parents that end at once', () => {
    const cpu = new TreeCpu();
    cpu.update([reading(1, 0, 0), reading(2, 1, 10), reading(3, 2, 20)]);
    expect(cpu.update([reading(1, 0, 0, 30)])).toBe(0);
    expect(cpu.update([reading(1, 0, 0, 30)])).toBe(0);
  });

  it('keeps everything when the root ends', () => {
    const cpu = new TreeCpu();
    cpu.update([reading(1, 0, 0), reading(2, 1, 0)]);
    cpu.update([reading(1, 0, 10), reading(2, 1, 10)]);
    expect(cpu.update([])).toBe(20);
  });

  it('comes out right for any life of a tree', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('work' as const),
        who: fc.nat(),
        amount: fc.integer({ min: 0, max: 50 }),
      }),
      fc.record({ kind: fc.constant('fork' as const), who: fc.nat() }),
      fc.record({ kind: fc.constant('end' as const), who: fc.nat() }),
      fc.record({ kind: fc.constant('look' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const tree = [reading(1, 0, 5, 7)];
        const cpu = new TreeCpu();
        // The kernel's truth: all that was ever used, less what ended unwaited before anybody looked.
        let truth = 0;
        let nextPid = 2;
        const seen = new Map<number, number>();
        const look = () => {
          for (const { pid, own, waited } of tree) seen.set(pid, own + waited);
          return cpu.update(tree.map((process) => ({ ...process })));
        };
        look();
        let last = 0;
        for (const each of steps) {
          const who = 'who' in each ? tree[each.who % tree.length]! : undefined;
          if (each.kind === 'work') {
            who!.own += each.amount;
            truth += each.amount;
          } else if (each.kind === 'fork') tree.push(reading(nextPid++, who!.pid, 0));
          else if (each.kind === 'end' && who!.pid !== 1) {
            // A process with children ends after them here; adoption by init is another test.
            if (tree.some((process) => process.ppid === who!.pid)) continue;
            tree.splice(tree.indexOf(who!), 1);
            const parent = tree.find((process) => process.pid === who!.ppid)!;
            const final = who!.own + who!.waited;
            // A parent waits for all of its children or, ignoring SIGCHLD, for none.
            if (parent.pid % 3 !== 0) parent.waited += final;
            else truth -= final - (seen.get(who!.pid) ?? 0);
          } else if (each.kind === 'look') {
            const total = look();
            expect(total).toBeGreaterThanOrEqual(last);
            last = total;
          }
        }
        for (let i = 0; i < 4; i++) last = look();
        expect(last).toBe(truth);
      }),
      { numRuns: 500 },
    );
  });
});
