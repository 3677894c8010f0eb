"""A page to look at pictures and listen to sounds side by side."""

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

import attrs

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }}
body {{ margin: 2rem; }}
main {{ display: grid; gap: 2rem; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); }}
figure {{ margin: 0; }}
img {{ width: 100%; height: 240px; object-fit: contain; background: #8882; border-radius: 8px; }}
audio {{ width: 100%; }}
figcaption {{ margin-top: .5rem; overflow-wrap: anywhere; }}
figcaption b {{ font-size: 1.5rem; margin-right: .5rem; }}
.shown img {{ outline: 3px solid #2a7; }}
</style>
<h1>{title}</h1>
<p>{hint}</p>
<main>
{figures}
</main>
</html>
"""


@attrs.frozen(kw_only=True)
class Shot:
    """
    One file on the page.

    Attributes:
        path: From the page to the file, with slashes.
        number: What it is called by.
        caption: What is said of it.
        shown: Whether it is the one that is shown now.
    """

    path: str
    number: str
    caption: str
    shown: bool = False


def contact_sheet(title: str, shots: Iterable[Shot], hint: str = "") -> str:
    """
    Give the page as HTML; it loads nothing from elsewhere and runs nothing.

    >>> "casa &lt;home&gt;" in contact_sheet("casa <home>", [])
    True
    """
    figures = "\n".join(map(_figure, shots))
    return _PAGE.format(title=escape(title), hint=escape(hint), figures=figures)


def _figure(shot: Shot) -> str:
    address = quote(shot.path)
    if shot.path.endswith(_SOUNDS):
        media = f'<audio controls preload="none" src="{address}"></audio>'
    else:
        media = f'<img src="{address}" alt="{escape(shot.caption)}" loading="lazy">'
    kind = ' class="shown"' if shot.shown else ""
    caption = f"<b>{escape(shot.number)}</b>{escape(shot.caption)}"
    return f"<figure{kind}>{media}<figcaption>{caption}</figcaption></figure>"


_SOUNDS = (".mp3", ".ogg", ".wav")
