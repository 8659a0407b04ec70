// Code with real faults, for the tests and the pictures.
export const ORDERS = `"""Orders of a small shop."""

from dataclasses import dataclass


@dataclass
class Order:
    customer: str
    prices: list[float]


def add_order(order, orders=[]):
    orders.append(order)
    return orders


def average(prices):
    """The mean price of an order."""
    return sum(prices) / len(prices)


def load(path):
    try:
        with open(path) as file:
            return file.read().splitlines()
    except:
        pass


def add_customer(name, customers={}):
    customers[name] = True
    return customers
`;
