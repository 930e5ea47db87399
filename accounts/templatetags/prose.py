"""The few marks that the labs' texts are written with: paragraphs, lists, `code`, *emphasis* and blocks of code."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

ITEM = re.compile(r"^(?:- |\d+\. )", re.MULTILINE)


@register.filter
def prose(text: str) -> SafeString:
    """The text as HTML. All of it is escaped first, so that nothing in it can be more than text."""
    blocks = re.split(r"\n\s*\n", str(escape(text)).strip("\n"))
    return mark_safe("\n".join(_block(block) for block in blocks if block.strip()))


def _block(block: str) -> str:
    if block.startswith("```"):
        return f"<pre>{block.strip('`').partition(chr(10))[2].rstrip()}</pre>"
    if block.startswith("    "):
        return f"<pre>{block}</pre>"
    if ITEM.match(block):
        items = [item for item in ITEM.split(block) if item.strip()]
        kind = "ul" if block.startswith("-") else "ol"
        return f"<{kind}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{kind}>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    pieces = re.split(r"`([^`]+)`", " ".join(text.split()))
    return "".join(
        f"<code>{piece}</code>" if place % 2 else re.sub(r"\*(\w[^*]*)\*", r"<em>\1</em>", piece)
        for place, piece in enumerate(pieces)
    )
