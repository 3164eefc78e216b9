/**
 * Highest random weight hashing (Thaler and Ravishankar, 1998): each key has an order of preference over all replicas, so
 * when one goes, only its own keys move, and they move back when it returns.
 */

/** A hash of a text in 32 bits (FNV-1a with the finaliser of MurmurHash3); not for secrets. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The weight of a replica for a key, from the hashes of both. */
export function rendezvousWeight(key: number, replica: number): number {
  return mix(key ^ Math.imul(replica, 0x9e3779b1));
}

function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
