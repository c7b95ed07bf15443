export type Task = () => void | Promise<void>;

export type Entry = { readonly at: number; readonly order: number; readonly task: Task; canceled: boolean };

export type Agenda = {
  /** Puts a task on the agenda, for an epoch millisecond. */
  add(at: number, task: Task): Entry;
  /** The earliest entry that still stands, without taking it. */
  first(): Entry | undefined;
  /** Takes the earliest standing entry out, if it is due at or before `now`. */
  takeDue(now: number): Entry | undefined;
};

/** What the sandbox has to do later, earliest first and in the order of arrival where times tie. */
export function makeAgenda(): Agenda {
  // A binary heap: 20,000 open sessions must not make every new one sort a list.
  const heap: Entry[] = [];
  let order = 0;
  const first = (): Entry | undefined => {
    while (heap[0]?.canceled) pop(heap);
    return heap[0];
  };
  return {
    add(at, task) {
      const entry = { at, order: order++, task, canceled: false };
      push(heap, entry);
      return entry;
    },
    first,
    takeDue(now) {
      const entry = first();
      return entry !== undefined && entry.at <= now ? pop(heap) : undefined;
    },
  };
}

function push(heap: Entry[], entry: Entry): void {
  let child = heap.push(entry) - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!comesBefore(heap, child, parent)) return;
    swap(heap, child, parent);
    child = parent;
  }
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  heap[0] = last;
  sink(heap, 0);
  return top;
}

function sink(heap: Entry[], start: number): void {
  let parent = start;
  for (;;) {
    const left = 2 * parent + 1;
    const right = left + 1;
    let smallest = parent;
    if (comesBefore(heap, left, smallest)) smallest = left;
    if (comesBefore(heap, right, smallest)) smallest = right;
    if (smallest === parent) return;
    swap(heap, parent, smallest);
    parent = smallest;
  }
}

function comesBefore(heap: readonly Entry[], left: number, right: number): boolean {
  const a = heap[left];
  const b = heap[right];
  if (a === undefined || b === undefined) return false;
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}

function swap(heap: Entry[], left: number, right: number): void {
  const a = heap[left];
  const b = heap[right];
  if (a === undefined || b === undefined) return;
  heap[left] = b;
  heap[right] = a;
}
