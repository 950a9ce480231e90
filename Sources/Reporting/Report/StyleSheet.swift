/// Colours and rules of the page and its charts; light and dark differ in variables alone.
enum StyleSheet {
  /// The variables, set on `selector`.
  ///
  /// Colours keep their order in both themes, and neighbours in a bar differ in lightness too, so that they stay apart without colour vision.
  static func colors(of selector: String) -> String {
    let light = """
      --surface:#ffffff;--ink:#1c2126;--muted:#5b6570;--grid:#e3e6ea;--panel:#f5f6f8;\
      --c1:#2b66ad;--c2:#e39a3b;--c3:#1f8a7d;--c4:#c9564f;--c5:#7a5fb0;--c6:#8a929b;--c7:#c9b23c;\
      --c8:#5a9c54;--good:#2c7a4b;--warn:#a86400;--bad:#b3261e;
      """
    let dark = """
      --surface:#14181c;--ink:#e6e9ec;--muted:#a0a9b2;--grid:#2c333a;--panel:#1d2329;\
      --c1:#6ea3e0;--c2:#f0b264;--c3:#4fbcae;--c4:#e88780;--c5:#a991da;--c6:#a7aeb6;--c7:#dccb6a;\
      --c8:#86c480;--good:#6cc48f;--warn:#e8b04a;--bad:#f0857d;
      """
    return "\(selector){\(light)}\n@media (prefers-color-scheme:dark){\(selector){\(dark)}}\n"
      + "@media print{\(selector){\(light)}}\n"
  }

  /// Rules of the drawings.
  static let charts = """
    svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
    .lb{font-size:12px;fill:var(--ink)}
    .tk{font-size:12px;fill:var(--muted)}
    .lb,.tk{paint-order:stroke;stroke:var(--surface);stroke-width:3px;stroke-linejoin:round}
    .strong{font-weight:600;fill:var(--ink)}
    .c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}
    .c5{fill:var(--c5)}.c6{fill:var(--c6)}.c7{fill:var(--c7)}.c8{fill:var(--c8)}
    .segment{stroke:var(--surface);stroke-width:1}
    .fits{fill:var(--good)}.tight{fill:var(--warn)}.does_not_fit{fill:var(--bad)}
    .limit{stroke:var(--ink);stroke-width:1.5}
    .margin{stroke:var(--muted);stroke-width:1;stroke-dasharray:4 3}
    .join,.axis{stroke:var(--muted);stroke-width:1}
    .grid{stroke:var(--grid);stroke-width:1}
    .whisker{stroke:var(--ink);stroke-width:1.5}
    .cloud{fill:var(--c6);fill-opacity:.45}
    .front{fill:none;stroke:var(--c1);stroke-width:2}
    .mark{fill:var(--c2);stroke:var(--surface);stroke-width:1.5}
    .onfront{fill:var(--c1)}
    .curve{fill:none;stroke-width:2}
    .line-c1{stroke:var(--c1)}.line-c2{stroke:var(--c2)}.line-c3{stroke:var(--c3)}
    .line-c4{stroke:var(--c4)}.line-c5{stroke:var(--c5)}.line-c6{stroke:var(--c6)}
    .line-c7{stroke:var(--c7)}.line-c8{stroke:var(--c8)}
    .dot{stroke:var(--surface);stroke-width:1.5}
    .spread{stroke:var(--muted);stroke-width:1}

    """

  /// Rules of the page.
  static let page = """
    *{box-sizing:border-box}
    html{background:var(--surface);color:var(--ink);-webkit-text-size-adjust:100%}
    body{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;\
    margin:0 auto;max-width:1180px;padding:24px 20px 64px}
    h1{font-size:1.6rem;line-height:1.25;margin:0 0 .4rem;overflow-wrap:anywhere}
    h2{font-size:1.2rem;margin:2.4rem 0 .6rem;border-top:1px solid var(--grid);padding-top:1.2rem}
    h3{font-size:1rem;margin:1.4rem 0 .4rem}
    p,li{max-width:72ch;overflow-wrap:anywhere}
    ul{padding-left:1.2rem;margin:.4rem 0}
    .subject{list-style:none;padding:0;color:var(--muted);font-size:.92rem}.subject li{max-width:none}
    .note{color:var(--muted);font-size:.9rem}
    .banner{border-left:4px solid var(--warn);background:var(--panel);padding:.6rem .9rem;\
    margin:.6rem 0;max-width:none}
    .banner.bad{border-color:var(--bad)}.banner.good{border-color:var(--good)}
    .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(46%,230px),1fr));gap:10px;\
    margin:1.2rem 0;padding:0;list-style:none}
    .cards li{background:var(--panel);border-radius:6px;padding:.7rem .8rem;max-width:none}
    .cards span{display:block}
    .cards .name,.cards .range{color:var(--muted);font-size:.82rem}
    .cards .value{font-size:1.3rem;font-weight:650;line-height:1.3}
    .cards .unit{display:inline;font-size:.82rem;font-weight:400;color:var(--muted);white-space:nowrap}
    .scroll{overflow-x:auto;margin:.6rem 0;padding-right:2.5rem;display:inline-block;max-width:100%;\
    vertical-align:top;background:linear-gradient(to right,var(--surface) 30%,transparent) 0 0,\
    linear-gradient(to left,var(--surface) 30%,transparent) 100% 0,\
    linear-gradient(to right,var(--grid),transparent) 0 0,\
    linear-gradient(to left,var(--grid),transparent) 100% 0;background-repeat:no-repeat;\
    background-size:36px 100%,36px 100%,12px 100%,12px 100%;\
    background-attachment:local,local,scroll,scroll}
    table{border-collapse:collapse;width:max-content;font-size:.88rem;font-variant-numeric:tabular-nums}
    th,td{text-align:left;padding:.35rem .9rem .35rem 0;vertical-align:top;\
    border-bottom:1px solid var(--grid)}
    th{color:var(--muted);font-weight:600}
    .r{text-align:right;white-space:nowrap}
    td:not(.r){max-width:22rem;overflow-wrap:break-word}
    figure{margin:1rem 0}figcaption{font-weight:600;margin-bottom:.5rem}
    figure svg{display:block;max-width:100%;height:auto}
    .narrow{display:none}
    @media (max-width:780px){.wide{display:none}.narrow{display:block}\
    body{padding:16px 20px 48px}table{font-size:.82rem}th,td{padding-right:.7rem}}
    @media print{body{max-width:none;padding:0;font-size:11pt}.wide{display:block}\
    .narrow{display:none}h2,h3{break-after:avoid}\
    .cards{grid-template-columns:repeat(4,1fr)}figure,tr,.cards li{break-inside:avoid}\
    .scroll{overflow:visible;display:block;max-width:none;background:none;padding:0}\
    table{font-size:7.5pt;width:auto}.r{white-space:normal}.banner,.cards li{border:1px solid #999}}

    """
}
