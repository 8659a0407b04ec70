"""Which nodes of a grammar define something, as tables. Runs no parser on text."""

from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tree_sitter import Language as Grammar
    from tree_sitter import Query

SymbolKind = Literal[
    "function",
    "method",
    "class",
    "struct",
    "interface",
    "enum",
    "implementation",
    "module",
    "type",
    "macro",
    "constant",
    "heading",
]
CONTAINERS: frozenset[SymbolKind] = frozenset(
    {"class", "struct", "interface", "enum", "implementation", "module"}
)

# Grammars name the same things alike, so one table serves all of them; a row that a grammar lacks is skipped.
_NODES: dict[SymbolKind, str] = {
    "function": "function_definition function_declaration function_item function_signature_item function_statement"
    " generator_function_declaration generator_function local_function_statement local_function_declaration"
    " function_clause proc_declaration fallback_receive_definition protocol_function_declaration rpc",
    "method": "method method_definition method_declaration singleton_method method_declaration_statement"
    " constructor_definition compact_constructor_declaration destructor_declaration class_method_definition"
    " abstract_method_signature modifier_definition",
    "class": "class_definition class_declaration class abstract_class_declaration class_statement"
    " object_declaration object_definition record_declaration implementation_definition class_implementation"
    " class_interface mixin_declaration extension_declaration",
    "struct": "struct_item struct_declaration struct_definition union_item union_declaration message",
    "interface": "interface_declaration protocol_declaration trait_item trait_declaration trait_definition"
    " annotation_type_declaration contract_declaration service class_type_definition"
    " object_type_definition interface_type_definition input_object_type_definition",
    "enum": "enum_item enum_declaration enum_definition enum_statement enum_type_definition enum",
    "implementation": "impl_item extension_definition instance",
    "module": "mod_item namespace_definition namespace_declaration file_scoped_namespace_declaration"
    " internal_module module_definition package_statement module",
    "type": "type_item type_alias_declaration type_spec type_alias typealias_declaration type_alias_statement"
    " type_definition concept_definition",
    "macro": "macro_definition preproc_function_def macro_declaration",
    "constant": "const_item static_item",
    "heading": "section",
}
# What the table above cannot say: nodes that count only with a certain child, or at the top of a file.
_PATTERNS: dict[str, tuple[tuple[SymbolKind, str], ...]] = {
    "python": (("constant", "(assignment left: (identifier)) @it"),),
    "javascript": (
        ("function", "(variable_declarator value: [(arrow_function) (function_expression)]) @it"),
        ("function", "(field_definition value: [(arrow_function) (function_expression)]) @it"),
        ("constant", "(program (lexical_declaration (variable_declarator) @it))"),
        ("constant", "(program (export_statement (lexical_declaration (variable_declarator) @it)))"),
    ),
    "typescript": (
        ("function", "(variable_declarator value: [(arrow_function) (function_expression)]) @it"),
        ("function", "(public_field_definition value: [(arrow_function) (function_expression)]) @it"),
        ("constant", "(program (lexical_declaration (variable_declarator) @it))"),
        ("constant", "(program (export_statement (lexical_declaration (variable_declarator) @it)))"),
        ("method", "(class_body (method_signature) @it)"),
        ("method", "(interface_body (method_signature) @it)"),
    ),
    "go": (
        ("constant", "(source_file (const_declaration (const_spec) @it))"),
        ("constant", "(source_file (var_declaration (var_spec) @it))"),
    ),
    "java": (("method", "(constructor_declaration) @it"),),
    "csharp": (("method", "(constructor_declaration) @it"),),
    "c": (
        ("struct", "(struct_specifier body: (_)) @it"),
        ("struct", "(union_specifier body: (_)) @it"),
        ("enum", "(enum_specifier body: (_)) @it"),
    ),
    "cpp": (("class", "(class_specifier body: (_)) @it"),),
    "ocaml": (("function", "(value_definition) @it"),),
    "haskell": (("function", "(declarations (function) @it)"),),
    "zig": (("function", "(Decl (FnProto)) @it"),),
    "dart": (("function", "(program (function_signature) @it)"),),
    "sql": (
        ("function", "(create_function) @it"),
        ("type", "(create_table) @it"),
        ("type", "(create_view) @it"),
    ),
    "r": (("function", "(binary_operator lhs: (identifier) rhs: (function_definition)) @it"),),
}
_LIKE = {"tsx": "typescript", "objc": "c", "cuda": "cpp"}
# Node types that mean something else there: keywords, type expressions, or the whole file.
_NOT = {
    "python": {"module"},
    "javascript": {"class", "module"},
    "typescript": {"class", "module"},
    "tsx": {"class", "module"},
    "haskell": {"module", "class"},
    "r": {"function_definition"},
    "d": {"module", "class"},
    "erlang": {"module"},
    "ocaml": {"constructor_declaration"},
    "dart": {"enum"},
    "fortran": {"module"},
}


@cache
def query(grammar: "Grammar", name: str) -> "Query":
    """A query that captures every definition, the capture being named after its kind."""
    from tree_sitter import Query

    left_out = _NOT.get(name, set())
    patterns = [
        f"({node}) @{kind}"
        for kind, nodes in _NODES.items()
        for node in nodes.split()
        if node not in left_out and grammar.id_for_node_kind(node, True)
    ]
    base = _LIKE.get(name, name)
    extra = [*_PATTERNS.get(base, ()), *(_PATTERNS["c"] if base == "cpp" else ())]
    patterns.extend(
        found for kind, pattern in extra if _fits(grammar, found := pattern.replace("@it", f"@{kind}"))
    )
    return Query(grammar, "\n".join(patterns))


def _fits(grammar: "Grammar", pattern: str) -> bool:
    from tree_sitter import Query, QueryError

    try:
        Query(grammar, pattern)
    except QueryError:
        return False
    return True
