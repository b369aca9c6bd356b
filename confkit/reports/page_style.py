"""The style of the panels about settings, beside the one that all pages share."""

from __future__ import annotations

SHEET = """
.ck .tw{overflow-x:auto;border:1px solid var(--line);border-radius:8px;background:var(--panel)}
.ck .mx{font-size:13px;border-collapse:separate;border-spacing:0;width:100%;margin:0;border:0;
 color:inherit}
.ck .mx th,.ck .mx td{padding:6px 10px;border:0;border-bottom:1px solid var(--line);
 max-width:220px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;text-align:left;background:none;
 vertical-align:middle}
.ck .mx thead th{background:var(--sunk);border-bottom:1px solid var(--edge);font-size:12px}
.ck .mx tr>:first-child{position:sticky;left:0;background:var(--panel);max-width:none;z-index:1}
.ck .mx thead tr>:first-child{background:var(--sunk)}
.ck .mx th[scope=row]{font-weight:500}
.ck .mx .grp th{font-size:12px;padding-top:12px;font-weight:650}
.ck .mx .marked>*{border-bottom:2px solid var(--on);box-shadow:inset 0 2px 0 var(--on)}
.ck .mx .marked .win{box-shadow:inset 3px 2px 0 var(--on)}
.ck .ord{display:inline-block;min-width:17px;height:17px;line-height:17px;text-align:center;
 border-radius:9px;background:var(--line);font-size:11px;margin-right:6px;font-weight:600}
.ck .none{color:var(--dim)}
.ck .lost .v{text-decoration:line-through;text-decoration-color:var(--dim);color:var(--dim)}
.ck .mx .win{background:var(--win);font-weight:700;box-shadow:inset 3px 0 0 var(--on)}
.ck .mx .win.broken{background:none;box-shadow:inset 3px 0 0 var(--lost)}
.ck .tri{color:var(--ink-on);margin-right:6px;font-size:11px}
.ck .broken .tri{color:var(--ink-bad)}
.ck .tag{font-size:11px;border:1px solid var(--edge);border-radius:3px;padding:0 4px;
 color:var(--dim);margin-left:6px}
.ck .pos{font-weight:400;font-size:11.5px;color:var(--dim);margin-left:6px}
.ck .mx .from,.ck .mx .layer{display:none}
.ck .wf{margin:12px 0 0}
.ck .wf li{display:grid;grid-template-columns:26px minmax(120px,230px) minmax(60px,1fr)
 minmax(120px,220px) minmax(120px,1fr);gap:0 10px;align-items:center;padding:7px 8px 7px 0;
 position:relative;border-radius:6px}
.ck .wf li>*{min-width:0;overflow-wrap:anywhere}
.ck .wf li:not(:last-child)::before{content:"";position:absolute;left:12px;top:50%;height:100%;
 border-left:2px solid var(--line)}
.ck .dot{width:14px;height:14px;border-radius:50%;border:2px solid var(--edge);
 background:var(--panel);margin-left:6px;position:relative;z-index:1;text-align:center}
.ck .mute .dot{border-style:dotted}
.ck .wf .w{background:var(--win)}
.ck .wf .w .dot{border:0;background:none;color:var(--ink-on);font-size:16px;line-height:13px}
.ck .wf .w .v{font-weight:700}.ck .wf .w .why{color:var(--ink-on);font-weight:600}
.ck .wf .why{font-size:12px;color:var(--dim)}
.ck .pipe{display:flex;flex-wrap:wrap;align-items:center;gap:8px;margin-top:12px}
.ck .pipe>div{border:1px solid var(--line);background:var(--sunk);border-radius:6px;
 padding:5px 10px;min-width:0;overflow-wrap:anywhere}
.ck .pipe b,.ck .pipe span{display:block}
.ck .problem{border-left:3px solid var(--lost);padding:4px 0 4px 12px;margin-top:10px}
@container (max-width:560px){
 .ck .tw{border:0;background:none;overflow:visible}
 .ck .mx,.ck .mx tbody,.ck .mx tr{display:block}.ck .mx thead{display:none}
 .ck .mx tr.grp{margin-top:8px}
 .ck .mx tr:not(.grp){border:1px solid var(--line);border-radius:8px;margin:6px 0;
  background:var(--panel);overflow:hidden}
 .ck .mx th,.ck .mx td{display:block;max-width:none;white-space:normal;overflow-wrap:anywhere;
  border:0;padding:4px 10px;position:static}
 .ck .mx tr:not(.grp)>:first-child{background:var(--sunk);padding:6px 10px}
 .ck .mx .none{display:none}
 .ck .mx .layer{display:inline-block;min-width:104px;margin-right:8px;color:var(--dim);
  font-weight:400;
  font-size:12px}
 .ck .mx .from{display:block;font-size:12px;color:var(--dim)}
 .ck .wf li{grid-template-columns:26px 1fr auto}
 .ck .wf li .origin,.ck .wf li .why{grid-column:2/-1}}
"""
