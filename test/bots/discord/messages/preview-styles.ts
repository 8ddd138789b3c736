/** Of the preview: in the manner of Discord's own colours and measures. */
export const styles = `
:root { --back:#313338; --box:#2b2d31; --line:#3f4147; --text:#dbdee1; --head:#f2f3f5; --dim:#949ba4;
  --link:#00a8fc; --grey:#4e5058; --mark:#3c3f45; --edge:#3f4147; }
.light { --back:#fff; --box:#f2f3f5; --line:#dfe1e5; --text:#313338; --head:#060607; --dim:#5c5e66;
  --link:#006ce7; --grey:#6d6f78; --mark:#e3e5e8; --edge:#dfe1e5; }
* { box-sizing:border-box; margin:0; }
body { background:var(--back); color:var(--text); padding:16px;
  font:16px/1.375 'gg sans','Noto Sans','Helvetica Neue',Helvetica,Arial,sans-serif,'Noto Color Emoji'; }
article { display:grid; grid-template-columns:56px minmax(0,600px); padding:8px 0; }
.asked { grid-column:2; font-size:14px; color:var(--dim); margin-bottom:4px; position:relative; }
.asked b { color:var(--text); font-weight:500; } .asked span { color:var(--link); }
.asked > i { position:absolute; left:-36px; top:9px; width:32px; height:12px;
  border:2px solid var(--line); border-width:2px 0 0 2px; border-radius:6px 0 0 0; }
.face { grid-column:1; width:40px; height:40px; border-radius:50%; background:#5865f2; color:#fff;
  display:grid; place-items:center; font-weight:700; }
.said { grid-column:2; } header { display:flex; gap:6px; align-items:center; height:22px; }
header b { color:var(--head); font-weight:500; } header time { font-size:12px; color:var(--dim); }
header em { font:600 10px/15px sans-serif; background:#5865f2; color:#fff; border-radius:4px; padding:0 5px; }
.parts, .box { display:flex; flex-direction:column; gap:8px; }
.parts { margin-top:4px; }
.box { background:var(--box); border:1px solid var(--line); border-radius:8px; padding:16px;
  position:relative; overflow:hidden; }
.box.accent::before { content:''; position:absolute; inset:0 auto 0 0; width:4px; background:var(--edge); }
.text p, .text h3, .text small { display:block; min-height:1em; white-space:pre-wrap; }
.text b, .text h3 { color:var(--head); } .text b { font-weight:700; } .text h3 { font-size:18px; margin:4px 0; }
.text small { font-size:13px; color:var(--dim); } .text small b { color:inherit; }
.text time { background:var(--mark); border-radius:3px; padding:0 3px; }
code { font:85% 'DejaVu Sans Mono',monospace; background:var(--mark); border-radius:4px; padding:1px 4px; }
a { color:var(--link); text-decoration:none; }
.gallery { display:grid; gap:4px; border-radius:8px; overflow:hidden; max-width:550px; }
.gallery:not(.n1) { grid-template-columns:1fr 1fr; }
figure { line-height:0; overflow:hidden; border-radius:8px; } .n1 figure { justify-self:start; }
figure img { max-width:100%; max-height:450px; object-fit:contain; }
figure.hidden { position:relative; } figure.hidden img { filter:blur(44px); }
figure.hidden::after { content:'SPOILER'; position:absolute; inset:0; margin:auto; width:96px; height:38px;
  border-radius:20px; background:#000b; color:#fff; font:600 15px/38px sans-serif; text-align:center; }
.row { display:flex; flex-wrap:wrap; gap:8px; }
button { font:500 14px/20px inherit; font-family:inherit; font-size:14px; font-weight:500; color:#fff;
  border:0; border-radius:8px; height:32px; padding:0 14px; display:flex; gap:6px; align-items:center; }
button i { font-style:normal; }
.primary { background:#5865f2; } .secondary { background:var(--grey); } .danger { background:#d22d39; }
.success { background:#248046; } .light .secondary { background:#e3e5e8; color:#313338; }
.select { flex:1; max-width:400px; border:1px solid var(--line); background:var(--box); border-radius:8px;
  padding:9px 12px; color:var(--dim); display:flex; justify-content:space-between; }
svg { flex:none; align-self:center; }
.box .select { background:var(--back); }
.file { display:flex; gap:10px; align-items:baseline; background:var(--box); border:1px solid var(--line);
  border-radius:8px; padding:14px; max-width:420px; }
.file b { color:var(--link); font-weight:500; } .file small { color:var(--dim); flex:1; }
.only { font-size:12px; color:var(--dim); margin-top:6px; }
`;
