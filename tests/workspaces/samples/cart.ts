import { Money, zero } from "./money";

export interface Line {
  sku: string;
  price: Money;
  quantity: number;
}

export class Cart {
  private readonly lines: Line[] = [];

  add(line: Line): void {
    if (line.quantity <= 0) {
      throw new RangeError("quantity must be positive");
    }
    this.lines.push(line);
  }

  /** The sum over all lines. */
  total(): Money {
    return this.lines.reduce((sum, line) => sum.plus(line.price.times(line.quantity)), zero());
  }

  find(sku: string): Line | undefined {
    return this.lines.find((line) => line.sku == sku);
  }
}

export function merge(first: Cart, second: Cart): Cart {
  if (first === second) {
    return first;
    second.total();
  }
  return first;
}
