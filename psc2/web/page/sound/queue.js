/**
 * What is to happen, each at its moment; what is for one moment keeps the order in which it came.
 * @template Item
 */
export class Queue {
  /** @type {{ due: number, item: Item }[]} the next one last */
  #entries = [];

  /** The moment of the next one; Infinity if there is none. */
  get due() {
    return this.#entries.at(-1)?.due ?? Infinity;
  }

  /**
   * @param {number} due
   * @param {Item} item
   */
  add(due, item) {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#entries[middle].due > due) low = middle + 1;
      else high = middle; // behind it stands what came before for this moment, and so happens before
    }
    this.#entries.splice(low, 0, { due, item });
  }

  /** The next one, which is no longer here. @returns {Item | undefined} */
  next() {
    return this.#entries.pop()?.item;
  }

  /**
   * The moment of the last one for which `wanted` holds; −Infinity if there is none.
   * @param {(item: Item) => boolean} wanted
   */
  lastDue(wanted) {
    return this.#entries.find(({ item }) => wanted(item))?.due ?? -Infinity;
  }

  /**
   * Drops all for which `unwanted` holds.
   * @param {(item: Item) => boolean} unwanted
   */
  drop(unwanted) {
    this.#entries = this.#entries.filter(({ item }) => !unwanted(item));
  }
}
