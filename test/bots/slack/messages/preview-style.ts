export const previewStyle = `
html { --back: #fff; --text: #1d1c1d; --soft: #616061; --line: #1d1c1d4d; --link: #1264a3;
  --code: #c01343; --code-back: #f8f8f8; --code-line: #1d1c1d21; }
html.dark { --back: #1a1d21; --text: #d1d2d3; --soft: #ababad; --line: #e8e8e84d; --link: #1d9bd1;
  --code: #e8912d; --code-back: #222529; --code-line: #797c8121; }
body { margin: 0; padding: 16px 20px; width: 680px; background: var(--back); color: var(--text);
  font: 15px/1.467 Lato, 'Noto Sans', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif; }
article { display: flex; gap: 8px; padding: 8px 0; }
article > div { flex: 1; min-width: 0; }
.face { width: 36px; height: 36px; flex: none; margin-top: 2px; }
header { display: flex; align-items: baseline; gap: 6px; line-height: 1.2; }
header i { font: bold 10px/14px sans-serif; padding: 0 3px; border-radius: 2px; color: var(--soft);
  background: color-mix(in srgb, var(--text) 13%, transparent); align-self: center; }
time { font-size: 12px; color: var(--soft); }
p { margin: 4px 0; overflow-wrap: anywhere; }
section { display: flex; justify-content: space-between; align-items: start; gap: 12px; margin: 4px 0; }
section p { margin: 0; }
h3 { margin: 8px 0 4px; font-size: 18px; line-height: 1.3; font-weight: 900; }
small { display: block; margin: 4px 0; font-size: 12px; line-height: 1.5; color: var(--soft); }
figure { margin: 4px 0 8px; }
figcaption { font-size: 13px; color: var(--soft); margin-bottom: 4px; }
img { display: block; max-width: 100%; max-height: 560px; border-radius: 8px; }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0; }
button { height: 36px; padding: 0 12px; border: 1px solid var(--line); border-radius: 8px; flex: none;
  background: var(--back); color: var(--text); font: bold 15px/1 inherit; font-family: inherit;
  font-size: 15px; font-weight: 700; }
button.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
button.danger { background: #e01e5a; border-color: #e01e5a; color: #fff; }
button.select { font-weight: 400; min-width: 160px; text-align: left; }
button.select span { float: right; margin-left: 12px; }
a { color: var(--link); text-decoration: none; }
code { font: 12px/1.5 monospace; color: var(--code); background: var(--code-back);
  border: 1px solid var(--code-line); border-radius: 3px; padding: 1px 3px; }
hr { border: 0; border-top: 1px solid var(--line); margin: 16px 0; }
`;
