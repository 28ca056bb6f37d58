"""XML read strictly into trees (§6; RFC 6120 §11.1), and written as §8 says that vectors are."""

from xml.parsers import expat

from der import Refused, need

XML = "http://www.w3.org/XML/1998/namespace"
LEVELS = 64  # §17


class Node:
    """An element: `namespace`, `name`, `attributes` by (namespace, name), `children` that are nodes or texts."""

    def __init__(self, namespace, name, attributes=None, children=None):
        self.namespace, self.name, self.attributes, self.children = namespace, name, attributes or {}, children or []

    def __eq__(self, other):
        return isinstance(other, Node) and vars(self) == vars(other)

    @property
    def key(self):
        """Namespace and name."""
        return self.namespace, self.name

    def get(self, name, default=None):
        """An attribute without namespace."""
        return self.attributes.get(("", name), default)

    def elements(self):
        """The children that are elements."""
        return [child for child in self.children if isinstance(child, Node)]


def parse(octets):
    """The one element that these octets of UTF-8 are."""
    top = Node("", "")
    open_nodes = [top]

    def start(name, pairs):
        need(len(open_nodes) <= LEVELS, "too deep", "ERR_XML")
        node = Node(*_split(name), {_split(n): v for n, v in zip(pairs[::2], pairs[1::2])})
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def text(data):
        children = open_nodes[-1].children
        if children and isinstance(children[-1], str):
            data = children.pop() + data
        children.append(data)

    def refuse(*_):
        raise Refused("ERR_XML", "something that may not stand in a stanza")

    parser = expat.ParserCreate("utf-8", "\n")
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, lambda _: open_nodes.pop(), text
    parser.CommentHandler = parser.ProcessingInstructionHandler = parser.StartDoctypeDeclHandler = parser.XmlDeclHandler = refuse
    need(not octets.startswith(b"\xef\xbb\xbf"), "a byte order mark", "ERR_XML")
    try:
        octets.decode()
        parser.Parse(octets, True)
    except (expat.ExpatError, UnicodeDecodeError):
        raise Refused("ERR_XML", "not well-formed") from None
    return top.children[0]


def _split(name):
    namespace, _, local = name.rpartition("\n")
    return namespace, local


def write(node, outer=""):
    """The text of an element, where `outer` is the default namespace."""
    names, prefixes = [("xmlns", node.namespace)] if node.namespace != outer else [], {"": "", XML: "xml:"}
    for (namespace, name), value in node.attributes.items():
        if namespace not in prefixes:
            prefixes[namespace] = f"ns{len(prefixes) - 1}:"
            names.append((f"xmlns:{prefixes[namespace][:-1]}", namespace))
        names.append((prefixes[namespace] + name, value))
    head = "<" + node.name + "".join(f' {name}="{_escape(value, VALUE)}"' for name, value in names)
    inner = "".join(_escape(child, TEXT) if isinstance(child, str) else write(child, node.namespace) for child in node.children)
    return f"{head}>{inner}</{node.name}>" if inner else head + "/>"


TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
VALUE = {**TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


def _escape(value, references):
    return "".join(references.get(character, character) for character in value)
