"""What expressions of one scope are, as far as reads of the environment care."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from confkit.envreads.containers import step
from confkit.envreads.following import FEW, STEPS, Following, Memory, Modules, no_module
from confkit.envreads.scopes import ITEM, Scope


@dataclass
class Look:
    """What expressions of one scope are."""

    scope: Scope
    modules: Modules = no_module
    memory: Memory = field(default_factory=dict)

    def follow(self, steps: int = STEPS) -> Following:
        """A new following, which collects the parameters that it depends on."""
        return Following(self.modules, self.memory, steps)

    def object_of(self, node: ast.AST | None) -> str:
        """Which of the known objects an expression is, empty for none."""
        return self.follow(FEW).object_of(node, self.scope)

    def texts_of(self, node: ast.AST | None) -> set[str]:
        """The texts that an expression can be."""
        return set() if node is None else self.follow().texts(node, self.scope)

    def items_of(self, node: ast.AST) -> set[str]:
        """The texts in a list, tuple, set, or the keys of a mapping."""
        following = self.follow()
        items = [i for v in following.values(node, self.scope) for i in step(following, v, ITEM)]
        return {t for item in items for t in following.texts(item.node, item.scope, item.given)}
