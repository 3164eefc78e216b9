import { describe, expect, it } from 'vitest';
import { DeadlineQueue } from './deadline-queue.js';
import { ServiceGate, type Stay } from './service-gate.js';
import { SimTimers } from './sim-timers.fixture.js';

function simulated(slots?: number) {
  const timers = new SimTimers();
  const gate = new ServiceGate(slots, new DeadlineQueue(timers));
  const stays: (Stay & { name: string })[] = [];
  const enter = (name: string, serviceMs: number) => {
    const stay = gate.enter(serviceMs);
    void stay.done.then((times) => stays.push({ ...times, name }));
    return stay;
  };
  return { timers, gate, stays, enter };
}

describe('a service gate', () => {
  it('keeps every call for its service time, within a poll', async () => {
    const { timers, stays, enter } = simulated();
    for (const ms of [0.1, 2, 2.3, 20, 7.7]) enter(String(ms), ms);
    await timers.run(30);
    expect(stays.map(({ name }) => name)).toEqual(['0.1', '2', '2.3', '7.7', '20']);
    for (const { name, started, ended } of stays) expect(ended - started - Number(name)).toBeLessThan(0.05);
  });

  it('serves exactly its slots at once, the others in order of arrival', async () => {
    const { timers, gate, stays, enter } = simulated(3);
    for (let i = 0; i < 10; i++) enter(String(i), 10);
    expect([gate.inService, gate.waiting]).toEqual([3, 7]);
    await timers.run(60);
    expect(stays.map(({ name }) => name)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect([gate.inServiceMax, gate.waitingMax, gate.inService]).toEqual([3, 7, 0]);
    // 10 calls of 10 ms over 3 slots: the last of the four rounds ends at 40 ms.
    expect(stays.at(-1)!.ended).toBeGreaterThanOrEqual(40);
    expect(stays.at(-1)!.ended).toBeLessThan(40.05);
  });

  it('does not let lateness add up: 8 slots of 10 ms carry 800 calls/s', async () => {
    const { timers, stays, enter } = simulated(8);
    for (let i = 0; i < 800; i++) enter(String(i), 10);
    await timers.run(1001);
    expect(stays).toHaveLength(800);
  });

  it('counts stays that do not overlap, so that slots and mean stay give the rate that was carried', async () => {
    const { timers, stays, enter } = simulated(4);
    for (let i = 0; i < 400; i++) enter(String(i), 10);
    await timers.run(1001);
    const busy = stays.reduce((sum, { started, ended }) => sum + ended - started, 0);
    const last = Math.max(...stays.map(({ ended }) => ended));
    // Four slots, never free from the first start to the last end.
    expect(busy / 4).toBeLessThanOrEqual(last);
    expect(busy / 4).toBeGreaterThan(last - 0.1);
  });

  it('does not hurry to make up for a machine that stood still', async () => {
    const { timers, stays, enter } = simulated(1);
    enter('first', 10);
    enter('second', 10);
    await timers.run(5);
    timers.stall(100);
    await timers.run(200);
    expect(stays[0]!.ended).toBeCloseTo(105, 0);
    expect(stays[1]!.ended - stays[0]!.ended).toBeGreaterThanOrEqual(10);
  });

  it('frees the slot of a call that leaves, and passes over those that left while waiting', async () => {
    const { timers, gate, stays, enter } = simulated(1);
    const first = enter('first', 50);
    const second = enter('second', 10);
    enter('third', 10);
    await timers.run(5);
    second.leave();
    first.leave();
    first.leave();
    await timers.run(80);
    expect(stays.map(({ name }) => name).sort()).toEqual(['first', 'second', 'third']);
    const third = stays.find(({ name }) => name === 'third')!;
    expect(third.started).toBeCloseTo(5, 1);
    expect(third.ended).toBeCloseTo(15, 1);
    expect(gate.inService).toBe(0);
  });

  it('stays small however many have waited', async () => {
    const { timers, gate, enter } = simulated(1);
    for (let i = 0; i < 3000; i++) enter(String(i), 0);
    await timers.run(50);
    expect([gate.waiting, gate.inService]).toEqual([0, 0]);
  });
});
