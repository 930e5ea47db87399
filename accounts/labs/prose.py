"""The labs' texts, which are written in Markdown: as HTML for a page, and for a terminal."""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from rich.markdown import Markdown

# The marks that our texts use, and no others. Without "html", "link" and "image", nothing in a text can be more than
# text with these marks: all else is escaped, and no style or script can come from it.
MARKS = ["list", "fence", "code", "backticks", "emphasis", "escape"]
_parser = MarkdownIt("zero").enable(MARKS)


def as_html(text: str) -> SafeString:
    """The text as HTML: paragraphs, lists, code, emphasis."""
    html: str = _parser.render(text)
    return mark_safe(html)


def for_terminal(text: str) -> Markdown:
    """The text to be printed by rich, which wraps it and draws its marks."""
    return Markdown(text, hyperlinks=False)
