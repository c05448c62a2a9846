"""The small number behind a sentence that leads to its source."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def cite(context: template.Context, *keys: str) -> SafeString:
    """Return links to the numbered sources of the page; a source that is not listed there raises KeyError."""
    numbers = {key: number for number, key, _citation, _address in context["sources"]}
    rows = [(numbers[key],) * 3 for key in dict.fromkeys(keys)]
    links = format_html_join(", ", '<a href="#source-{}" aria-label="source {}">{}</a>', rows)
    return format_html('<span class="cited">[{}]</span>', links)


@register.simple_tag(takes_context=True)
def cite_all(context: template.Context, keys: tuple[str, ...]) -> SafeString:
    """Return links to several sources."""
    return cite(context, *keys)
