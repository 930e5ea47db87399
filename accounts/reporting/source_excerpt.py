"""Pure: of a module's source, the lines of one function and of what it uses in its own module."""

import ast
from collections.abc import Iterator


def lines_behind(source: str, function: str) -> list[int]:
    """The numbers of the lines of this function, and of the functions, classes and values that it names.

    What only describes the module (its docstring, its promises, its imports) is not among them. Nothing if the source
    is no Python, or has no such function.
    """
    try:
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError):
        return []
    defined = {name: node for node in nodes for name in _names_of(node)}
    behind: set[str] = set()
    to_visit = [function]
    while to_visit:
        name = to_visit.pop()
        if name in defined and name not in behind:
            behind.add(name)
            to_visit += _used_by(defined[name])
    numbers = {number for name in behind for number in _lines_of(defined[name])}
    return sorted(numbers)


def _names_of(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of the module defines; none of an import."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _used_by(node: ast.stmt) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _lines_of(node: ast.stmt) -> range:
    decorators = getattr(node, "decorator_list", [])
    return range(min(part.lineno for part in [node, *decorators]), (node.end_lineno or node.lineno) + 1)
