"""The style of every page and panel: colours for light and dark, sizes, and a whole page.

Everything is below the class ``ck``. Light is the default; the system's choice counts next, and
JupyterLab and Voilà overrule it with ``data-jp-theme-light``. Widths are asked of the container,
since a notebook's cell is narrower than its window.
"""

from __future__ import annotations

from confkit.tables import escape

LIGHT = {
    "bg": "#fff", "panel": "#fff", "sunk": "#f4f6f8", "fg": "#1b1f24", "dim": "#57606a",
    "line": "#d0d7de", "edge": "#8c959f", "on": "#0072B2", "off": "#E69F00", "new": "#009E73",
    "lost": "#D55E00", "ink-on": "#005a8c", "ink-good": "#00664b", "ink-bad": "#a33c00",
    "ink-warn": "#7a4f00", "win": "#e3f1fa", "gap": "rgba(255,255,255,.78)", "off-edge": "#8a5f00",
}  # fmt: skip
DARK = LIGHT | {
    "bg": "#16191d", "panel": "#1b1f24", "sunk": "#23282e", "fg": "#e9edf1", "dim": "#a6b0ba",
    "line": "#3a424b", "edge": "#7d8791", "on": "#56B4E9", "ink-on": "#8ccbf2",
    "ink-good": "#5fd3b0", "ink-bad": "#ff9d66", "ink-warn": "#f3bd5a", "win": "#17364a",
    "gap": "rgba(22,25,29,.72)", "off-edge": "#E69F00",
}  # fmt: skip

_SHEET = """
.ck{container-type:inline-size;color:var(--fg);background:var(--bg);
 font:14px/1.5 var(--jp-ui-font-family,system-ui,-apple-system,"Segoe UI","Liberation Sans",
 sans-serif);
 font-variant-numeric:tabular-nums}
.ck *,.ck *::before{box-sizing:border-box}
.ck .wrap{display:grid;gap:16px;max-width:1200px;margin:0 auto;min-width:0}
.ck .wrap>*{min-width:0}
.ck h2{font-size:20px;line-height:1.25;margin:0;font-weight:650}
.ck h3{font-size:14px;margin:0 0 2px;font-weight:650}
.ck h4{font-size:12px;margin:0 0 2px;color:var(--dim);font-weight:600}
.ck p{margin:0;overflow-wrap:anywhere}
.ck .dim{color:var(--dim)}.ck .small{font-size:12px}.ck .nw{white-space:nowrap}
.ck .good{color:var(--ink-good);font-weight:600}.ck .bad{color:var(--ink-bad);font-weight:600}
.ck .warn{color:var(--ink-warn);font-weight:600}
.ck section{border:1px solid var(--line);border-radius:8px;padding:14px 16px;
 background:var(--panel);min-width:0}
.ck code,.ck .mono{font-family:
 var(--jp-code-font-family,ui-monospace,"DejaVu Sans Mono",monospace);
 font-size:12.5px;background:none;color:inherit;padding:0;border:0;overflow-wrap:anywhere}
.ck pre{margin:6px 0 0;padding:10px 12px;background:var(--sunk);border:1px solid var(--line);
 border-radius:6px;overflow:auto;font-size:12px;line-height:1.45;color:var(--fg)}
.ck :focus-visible{outline:2px solid var(--on);outline-offset:2px}
.ck .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.ck .row{display:flex;gap:8px 16px;align-items:center;flex-wrap:wrap}
.ck .between{justify-content:space-between}
.ck .cols{display:grid;grid-template-columns:1fr 1fr;gap:16px;align-items:start}
.ck .cols>*,.ck .stack>*{min-width:0}
.ck .stack{display:grid;gap:16px;min-width:0}
.ck svg{display:block;width:100%;overflow:visible}
.ck svg text{fill:var(--fg);font-size:12px;font-family:inherit}.ck svg text.d{fill:var(--dim)}
.ck .legend svg,.ck .cn svg,.ck .key-mark{width:16px;height:12px;display:inline-block;
 vertical-align:-1px;margin-right:6px;flex:none}
.ck .legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:12px;margin-top:8px}
.ck .plot{display:grid;grid-template-columns:48px 1fr}
.ck .plot .yl{position:relative;font-size:12px;color:var(--dim)}
.ck .plot .yl span{position:absolute;right:8px;transform:translateY(-50%);white-space:nowrap}
.ck .thin{display:none}
.ck .table{border-collapse:collapse;width:100%;font-size:13px;margin:0;border:0;color:inherit}
.ck .table th{font-weight:600;font-size:12px;color:var(--dim);text-align:left;background:none;
 padding:4px 10px 4px 0;border:0;border-bottom:1px solid var(--edge);vertical-align:bottom}
.ck .table td{padding:6px 10px 6px 0;border:0;border-bottom:1px solid var(--line);
 vertical-align:middle;text-align:left;background:none}
.ck .table .n{text-align:right}
.ck .scroll{overflow-x:auto}
.ck details{margin-top:10px;font-size:12.5px}
.ck summary{cursor:pointer;color:var(--ink-on);min-height:24px}
.ck .verdict{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;align-items:baseline}
.ck .big{font-size:32px;line-height:1.1;font-weight:680;letter-spacing:-.01em;white-space:nowrap}
.ck .cn{display:grid;grid-template-columns:repeat(4,1fr);gap:6px;font-size:12px;margin-top:6px}
.ck .cn b{display:block;font-size:15px}
.ck .pill{display:inline-block;background:var(--on);color:var(--bg);font-weight:700;
 border-radius:4px;padding:1px 10px;letter-spacing:.04em}
.ck .pill.no{background:none;color:var(--fg);box-shadow:inset 0 0 0 1.5px var(--edge)}
.ck ol,.ck ul{list-style:none;margin:0;padding:0}
.ck .steps li{display:grid;grid-template-columns:64px 1fr;padding:4px 0;
 border-bottom:1px solid var(--line);align-items:baseline}
.ck .steps .k{color:var(--dim);font-size:12px}
.ck mark{background:var(--win);color:inherit;padding:1px 2px;border-radius:2px;font-weight:650}
.ck u{text-decoration-thickness:2px;text-decoration-color:var(--off);text-underline-offset:3px}
.ck .trace{margin-top:4px}.ck .trace li{position:relative;padding:3px 0 3px 28px}
.ck .trace i{position:absolute;left:0;font-style:normal;width:18px;text-align:center;
 font-weight:700}
.ck .trace .ok i{color:var(--ink-good)}.ck .trace .fails i{color:var(--ink-bad)}
.ck .trace .no{color:var(--dim)}.ck .trace .end{font-weight:650}
.ck a.copy{color:var(--ink-on)}
@container (max-width:820px){.ck .cols{grid-template-columns:1fr}}
@container (max-width:560px){
 .ck section{padding:12px}.ck .verdict{grid-template-columns:1fr}
 .ck .plot{grid-template-columns:1fr}.ck .plot .yl{display:none}
 .ck .thin{display:inline}.ck .thick{display:none}.ck .cn{grid-template-columns:1fr 1fr}
 .ck .hide{display:none}
 .ck .stacked,.ck .stacked tbody,.ck .stacked tr{display:block}
 .ck .stacked thead{display:none}.ck .stacked th{display:block;border:0}
 .ck .stacked .hide{display:none}.ck .stacked .n{text-align:left}
 .ck .stacked tr{padding:6px 0;border-bottom:1px solid var(--line)}
 .ck .stacked td:not(.hide){display:grid;grid-template-columns:96px minmax(0,1fr);gap:8px;border:0;
  padding:2px 0;overflow-wrap:anywhere}
 .ck .stacked td::before{content:attr(data-label);color:var(--dim);font-size:12px}}
@media (prefers-reduced-motion:no-preference){.ck rect{transition:height .12s,y .12s}}
@media (forced-colors:active){.ck svg{forced-color-adjust:none}}
"""


def _tokens(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def sheet(*more: str) -> str:
    """The style sheet; ``more`` are those of single rooms, appended."""
    # The scheme is for what the browser draws: arrows of pickers, boxes, scroll bars.
    light, dark = f"color-scheme:light;{_tokens(LIGHT)}", f"color-scheme:dark;{_tokens(DARK)}"
    return (
        f".ck{{{light}}}@media (prefers-color-scheme:dark){{.ck{{{dark}}}}}"
        f'[data-jp-theme-light="true"] .ck{{{light}}}'
        f'[data-jp-theme-light="false"] .ck{{{dark}}}' + _SHEET + "".join(more)
    )


def page(title: str, body: str, *more: str) -> str:
    """A whole HTML document that needs nothing from the network and runs no script.

    :param body: HTML; everything in it is escaped already.
    :param more: further style sheets.
    """
    ground = (
        "html{background:#fff}@media(prefers-color-scheme:dark){html{background:#16191d}}"
        "body{margin:0}main{padding:16px}@media(max-width:560px){main{padding:8px}}"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{ground}{sheet(*more)}</style></head>"
        f'<body><main class="ck"><div class="wrap">{body}</div></main></body></html>\n'
    )
