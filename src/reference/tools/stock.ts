import { seededRandom } from '../../core/index.js';

/** A place that holds stock. */
export interface Warehouse {
  warehouse_id: string;
  city: string;
  country: string;
  capacity: number;
}

/** An item of the catalogue. */
export interface Item {
  item_id: string;
  name: string;
  category: string;
  quantity: number;
  unit_price: number;
  warehouse_id: string;
}

/** The warehouses, which never change. */
export const warehouses: readonly Warehouse[] = [
  { warehouse_id: 'BER', city: 'Berlin', country: 'DE', capacity: 12_000 },
  { warehouse_id: 'LYS', city: 'Lyon', country: 'FR', capacity: 8000 },
  { warehouse_id: 'OSA', city: 'Osaka', country: 'JP', capacity: 15_000 },
  { warehouse_id: 'POA', city: 'Porto Alegre', country: 'BR', capacity: 6000 },
  { warehouse_id: 'YYZ', city: 'Toronto', country: 'CA', capacity: 10_000 },
];

/** The categories of items. */
export const categories = ['bearings', 'fasteners', 'cables', 'sensors', 'valves'] as const;

const materials = ['steel', 'brass', 'ceramic', 'nylon', 'copper', 'titanium'];
const things: Record<(typeof categories)[number], readonly string[]> = {
  bearings: ['ball bearing', 'roller bearing', 'thrust bearing'],
  fasteners: ['hex bolt', 'wood screw', 'lock nut', 'rivet'],
  cables: ['ethernet cable', 'ribbon cable', 'power cord'],
  sensors: ['thermocouple', 'pressure sensor', 'proximity switch'],
  valves: ['ball valve', 'check valve', 'needle valve'],
};
const itemCount = 200;

/** The stock of one server: 200 made items that are the same everywhere, and whatever else is asked for. */
export class Stock {
  readonly #items = new Map<string, Item>();

  constructor() {
    for (let i = 1; i <= itemCount; i++) {
      const item = makeItem(`ITEM${String(i).padStart(3, '0')}`);
      this.#items.set(item.item_id, item);
    }
  }

  /** An item that nobody has heard of is known, but not in stock: made-up arguments are no errors here. */
  item(id: string): Item {
    return this.#items.get(id) ?? { ...makeItem(id), quantity: 0 };
  }

  search(query: string, category: string | undefined, limit: number): Item[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found: Item[] = [];
    for (const item of this.#items.values()) {
      if (category !== undefined && item.category !== category) continue;
      if (!words.every((word) => item.name.includes(word))) continue;
      found.push(item);
      if (found.length === limit) break;
    }
    return found;
  }

  /** False where the item was not in stock in that quantity. */
  reserve(id: string, quantity: number): boolean {
    const item = this.#items.get(id);
    if (item === undefined || item.quantity < quantity) return false;
    item.quantity -= quantity;
    return true;
  }

  /** False where there was none. */
  delete(id: string): boolean {
    return this.#items.delete(id);
  }

  get size(): number {
    return this.#items.size;
  }
}

function makeItem(id: string): Item {
  const random = seededRandom(`stock/${id.slice(0, 100)}`);
  const category = random.pick(categories);
  return {
    item_id: id,
    name: `${random.pick(materials)} ${random.pick(things[category])}`,
    category,
    quantity: random.integer(1, 999),
    unit_price: random.integer(50, 99_999) / 100,
    warehouse_id: random.pick(warehouses).warehouse_id,
  };
}
