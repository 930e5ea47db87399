"""The labs' texts as HTML: Markdown, and never more than that."""

import pytest

from accounts.labs.catalogue import all_labs
from accounts.labs.prose import as_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`a < b` and *this*", "<p><code>a &lt; b</code> and <em>this</em></p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n"),
        ("    code", "<pre><code>code\n</code></pre>\n"),
        ("last_transfer and 5 * 3 * 2", "<p>last_transfer and 5 * 3 * 2</p>\n"),
    ],
)
def test_marks(text, html):
    assert as_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<p onclick=x style=y>",
        "[text](javascript:alert(1))",
        "![text](http://elsewhere.example/x.png)",
        "<http://elsewhere.example>",
        "[text]: http://elsewhere.example\n\n[text]",
        "`<script>`",
        "```<script>\n<script>\n```",
        "# <b>",
        "&lt;script&gt;",
    ],
)
def test_nothing_in_a_text_is_more_than_text(text):
    html = as_html(text)

    tags = {tag.split(">")[0].strip("/") for tag in html.split("<")[1:]}
    assert tags <= {"p", "code", "pre", 'code class="language-&lt;script&gt;"'}


@pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.name)
def test_texts_of_the_labs_have_no_marks_left(lab):
    readme = lab.readme
    for text in (readme.story, readme.task, readme.read_next, *readme.hints):
        html = as_html(text)
        outside_of_code = "".join(part.partition("</code>")[2] for part in html.split("<code"))
        assert "`" not in outside_of_code
