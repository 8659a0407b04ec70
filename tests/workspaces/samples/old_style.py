"""A module in the style of older Python versions."""

from typing import Dict, List, Optional


class Reader(object):
    def __init__(self, names: List[str], sizes: Optional[Dict[str, int]] = None) -> None:
        self.names = names
        self.sizes = sizes or {}

    def label(self, name: str) -> str:
        return "%s (%d)" % (name, self.sizes.get(name, 0))

    def known(self) -> bool:
        if len(self.names) > 0:
            return True
        else:
            return False

    def keys(self) -> List[str]:
        return list([name for name in self.names if name in self.sizes.keys()])
