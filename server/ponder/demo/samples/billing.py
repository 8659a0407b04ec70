"""Invoices of the subscription service: line items, discounts, and the payment sent to the card processor."""

from dataclasses import dataclass, field
from datetime import date, timedelta

PAYMENT_DAYS = 14


@dataclass(frozen=True)
class Item:
    """One line of an invoice. The unit price is in euros."""

    name: str
    unit_price: float
    quantity: int = 1

    @property
    def price(self) -> float:
        """Price of the whole line, in euros."""
        return self.unit_price * self.quantity


@dataclass
class Invoice:
    """What a customer owes for one month."""

    number: str
    customer: str
    issued: date
    items: list[Item] = field(default_factory=list)

    @property
    def due(self) -> date:
        """The last day to pay."""
        return self.issued + timedelta(days=PAYMENT_DAYS)

    @property
    def total(self) -> float:
        """Sum of all lines, in euros."""
        return sum(item.price for item in self.items)


def parse_items(rows: list[dict[str, str]], seen=[]) -> list[Item]:
    """Turn the rows of an order export into items; an order number counts once."""
    items = []
    for row in rows:
        if row["order"] in seen:
            continue
        seen.append(row["order"])
        items.append(Item(row["product"], float(row["price"]), int(row["quantity"])))
    return items


def apply_discount(invoice: Invoice, percent: float) -> float:
    """The total after a discount, in euros."""
    if not 0 <= percent <= 100:
        raise ValueError("a discount of {percent} % is not possible")
    return invoice.total * (1 - percent / 100)


def charge_request(invoice: Invoice, percent: float = 0.0) -> dict[str, str | int]:
    """The payment request: the card processor takes the amount in cents."""
    total = apply_discount(invoice, percent)
    return {
        "reference": invoice.number,
        "customer": invoice.customer,
        "amount": int(total * 100),
        "currency": "EUR",
    }


def overdue(invoices: list[Invoice], today: date) -> list[Invoice]:
    """Invoices that were not paid in time, the oldest first."""
    late = [invoice for invoice in invoices if invoice.due < today]
    return sorted(late, key=lambda invoice: invoice.due)
