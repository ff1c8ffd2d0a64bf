/**
 * @file One writer to a run, over all tabs and workers. The browser's locks do this well: they go away with whoever held them. They
 * are missing on pages without https, where a lease in the database stands in, renewed while the writer lives.
 */

import type { Database, Writing } from './database';
import { RunLockedError, RunReleasedError } from './errors';

export interface Hold {
  /** Within a write: throws if it was lost, which only a lease can be. */
  check(transaction: Writing): Promise<void>;
  release(): Promise<void>;
}

export async function holdRun(database: Database, run: string, lease = leaseTimes): Promise<Hold> {
  const { locks } = globalThis.navigator ?? {};
  return locks ? holdLock(locks, nameOf(database.name, run), run) : holdLease(database, run, lease);
}

const nameOf = (database: string, run: string) => `${database}: ${run}`;

/** The runs that somebody has open for writing, here or in another tab; null where browsers do not tell. */
export async function heldRuns(database = 'zeroloop'): Promise<ReadonlySet<string> | null> {
  const locks = await globalThis.navigator?.locks?.query?.();
  if (!locks) return null;
  const prefix = nameOf(database, '');
  const names = (locks.held ?? []).map(({ name = '' }) => name);
  return new Set(names.flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : [])));
}

function holdLock(locks: LockManager, name: string, run: string): Promise<Hold> {
  return new Promise((resolve, reject) => {
    const held = locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return reject(new RunLockedError(run));
      return new Promise<void>((letGo) => {
        const release = async () => {
          letGo();
          await held;
        };
        resolve({ check: async () => {}, release });
      });
    });
    held.catch(reject);
  });
}

/** A hidden tab's timers may come only once a minute, so a lease outlives that. */
const leaseTimes = { renew: 20_000, last: 90_000 };

async function holdLease(database: Database, run: string, times: typeof leaseTimes): Promise<Hold> {
  const owner = crypto.getRandomValues(new Uint32Array(4)).join('-');
  const until = () => Date.now() + times.last;
  const check = async (transaction: Writing) => {
    const lease = await transaction.objectStore('leases').get(run);
    if (lease?.owner !== owner) throw new RunReleasedError(run);
  };
  await database.write('relaxed', async (transaction) => {
    const leases = transaction.objectStore('leases');
    const other = await leases.get(run);
    if (other && other.until > Date.now()) throw new RunLockedError(run);
    await leases.put({ run, owner, until: until() });
  });
  const renew = () =>
    database.write('relaxed', async (transaction) => {
      await check(transaction);
      await transaction.objectStore('leases').put({ run, owner, until: until() });
    });
  // A renewal that fails is noticed by the next write, whose check fails too.
  const timer = setInterval(() => renew().catch(() => {}), times.renew);
  return {
    check,
    async release() {
      clearInterval(timer);
      await database.write('relaxed', async (transaction) => {
        const lease = await transaction.objectStore('leases').get(run);
        if (lease?.owner === owner) await transaction.objectStore('leases').delete(run);
      });
    },
  };
}
