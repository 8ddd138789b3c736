import type { Texts } from './english.ts';
import { japaneseErrors } from './japanese-errors.ts';

const phases: Texts['phases'] = {
  tokens: '言葉を探索中',
  noise: 'ノイズを探索中',
  'fixed-point': 'ノイズを探索中',
};

/** です・ます. */
export const japanese: Texts = {
  reading: '画像を読み込んでいます。',
  next: '次に処理されます。',
  position: (position) => `順番待ちの${position}番目です。`,
  working: (role, phase, step, steps) => {
    const part = phases[phase];
    const what = role === undefined ? '描画しています' : `${role}を解析しています`;
    const count = steps > 0 ? `(${steps}ステップ中${step})` : '';
    return `${what}${part && role !== undefined ? `:${part}` : ''}${count}。`;
  },
  phases,
  eta: (seconds) => {
    if (seconds < 1.5) return '残り1秒';
    if (seconds < 90) return `残り約${Math.round(seconds)}秒`;
    if (seconds < 5400) return `残り約${Math.round(seconds / 60)}分`;
    return `残り約${Math.round(seconds / 3600)}時間`;
  },
  wait: (seconds) => {
    if (seconds < 90) return `${Math.ceil(seconds)}秒`;
    if (seconds < 5400) return `${Math.ceil(seconds / 60)}分`;
    if (seconds < 129_600) return `${Math.ceil(seconds / 3600)}時間`;
    return `${Math.ceil(seconds / 86_400)}日`;
  },
  remarks: {
    animated: 'はアニメーションです。最初のフレームを使います。',
    cmyk: 'は印刷用(CMYK)です。色が違って見えることがあります。',
    deep: 'は1チャンネル16ビットです。そのうち8ビットを使います。',
  },
  cell: (lambda, guidance) => `強さ ${lambda}、ガイダンス ${guidance}`,
  cells: (lambda, guidance) => `強さ ${lambda}、ガイダンス ${guidance} です。`,
  suggested: (lambda) => `まず強さ ${lambda} を見てください。`,
  gridAlt: (lambda, guidance) =>
    'ラベル付きの一覧です。上:変更前と変更後の例と、あなたの画像。' +
    `下:同じように変更したあなたの画像。強さ ${lambda}、ガイダンス ${guidance}。`,
  cellAlt: (cell) => `同じように変更したあなたの画像です。${cell}。`,
  animationAlt: (lambda) =>
    `動く画像です。同じように変更したあなたの画像が、強さ ${lambda} の間を往復します。`,
  cancelled: 'キャンセルしました。',
  nothingToCancel: '待機中または実行中のあなたのジョブはありません。',
  over: 'そのジョブはすでに終わっていました。',
  role: { before: 'A', after: "A'", picture: 'B' },
  saved: (name) => `${name} として保存しました。ここでは誰でもこの名前で適用できます。`,
  changed: (name) => `変更しました:${name}`,
  deleted: (name) => `削除しました:${name}`,
  deleteQuestion: (name) =>
    `${name} をライブラリから削除しますか? 削除すると、ここでは誰も名前で適用できなくなります。`,
  exported: (name) => `${name} のファイルです。ほかの場所でインポートできます。`,
  library: 'ここにあるアナロジー',
  found: (text, { from, to, of }, isMore) => {
    const shown = to - from + 1 === of ? `${of}件` : `${of}件中${from}~${to}件目`;
    const more = isMore ? '。ほかにもあるかもしれません。名前のより長い部分で検索してください' : '';
    return `「${text}」を含むアナロジー(${shown}${more})`;
  },
  foundNone: (text) => `「${text}」を含むアナロジー`,
  libraryEmpty: 'ありません。結果の「名前を付ける」ボタンで保存してください。',
  savedBy: (owner, day) => `保存者:${owner}、作成日:${day}`,
  unnamed: '名前のないアナロジー',
  jobs: (render, inversion) =>
    `あなたのジョブです。全体の順番待ち:描画 ${render} 件、解析 ${inversion} 件。`,
  notAccepting: '現在、新しいジョブは受け付けていません。',
  noJobs: 'ここにはあなたのジョブはありません。',
  jobTitle: { analogy: 'アナロジー', apply: 'アナロジーの適用', render: '調整' },
  states: {
    waiting: '待機中',
    running: '実行中',
    done: '完了',
    failed: '失敗',
    cancelled: 'キャンセル済み',
  },
  forgetQuestion:
    'ここにあるあなたのものをすべて消去しますか? 画像、結果、保存したアナロジー、ジョブ(実行中も含む)' +
    'が対象です。元に戻せません。',
  forgotten: ({ pictures, records, analogies, jobs }) =>
    `消去しました:画像 ${pictures} 件、その他の記録 ${records} 件、` +
    `保存したアナロジー ${analogies} 件、ジョブ ${jobs} 件。`,
  nothingChanged: '何も変更していません。',
  original: '元の画質です。',
  notShown: (count) =>
    `1つのメッセージに入りきらない${count}件は表示していません。画像を選ぶと、それだけを受け取れます。`,
  help: {
    title: 'Likewise は例を見て画像を編集します',
    lines: [
      "変更前の画像(A)と変更後の画像(A')、そしてあなたの画像(B)を渡すと、同じように変更した B がいくつかの強さで返ってきます。",
      '結果の下のボタンで、強さやガイダンスの変更、反転、組み合わせ、アニメーション、名前付け、別の画像への適用ができます。',
      '画像が保管される期間には限りがあります。「forget」であなたのものをすべて消去できます。',
    ],
    alt: '例:ある顔、めがねをかけた同じ顔、別の顔、めがねをかけたその顔。',
    command: (name, description) => `${name}: ${description}`,
  },
  buttons: {
    pick: (lambda) => `× ${lambda}`,
    weaker: '弱く',
    stronger: '強く',
    finer: '細かく',
    less: 'ガイダンス −',
    more: 'ガイダンス +',
    table: '両方を変える',
    reverse: '反転',
    combine: '組み合わせる…',
    animate: 'アニメーション',
    apply: '別の画像に適用…',
    name: '名前を付ける…',
    original: 'ダウンロード',
    undo: '元に戻す',
    cancel: 'キャンセル',
    show: '表示',
    back: '一覧に戻る',
    again: 'もう一度作る',
    export: 'エクスポート',
    delete: '削除…',
    deleteYes: '削除する',
    forgetYes: '自分のものをすべて消去',
    keep: 'いいえ',
    later: 'もっと見る',
  },
  commands: {
    analogy: "A に対する A' は、B に対する…:例のとおりに画像を変更します",
    apply: '名前・結果・ファイルで指定したアナロジーを画像に適用します',
    refine: '結果を調整します:ボタンと同じ操作と、強さとガイダンスの指定',
    show: 'ジョブの進み具合、または結果を表示します',
    library: 'ここにあるアナロジーを一覧表示または検索します',
    name: '結果のアナロジーに名前を付けて保存します',
    describe: '保存したアナロジーに説明を付けます',
    rename: '保存したアナロジーの名前を変えます',
    delete: '保存したアナロジーを削除します',
    export: '保存したアナロジーをファイルで受け取ります',
    import: 'ファイルからアナロジーを保存します',
    status: 'あなたのジョブと順番待ちの状況を表示します',
    cancel: 'ジョブをキャンセルします',
    forget: 'ここにあるあなたのものをすべて消去します',
    help: 'これは何か、どう使うかを表示します',
    settings: 'この場所の設定を表示または変更します',
  },
  fields: {
    before: 'A:変更前の画像',
    after: "A':変更後の同じ画像",
    picture: 'B:同じように変更したい、あなたの画像',
    moreBefore: (n) => `${n}組目の A:各組の変化が平均されます`,
    moreAfter: (n) => `${n}組目の A'`,
    text: '変化の方向を少し導く言葉',
    strengths: '強さ。例:0, 0.5, 1, 1.5, 2。0未満は逆の変化です',
    guidances: 'ガイダンス。例:2。複数も指定できます',
    strength: '対象の強さ',
    guidance: '対象のガイダンス',
    job: '対象のジョブ。省略すると最新のもの',
    analogy: 'アナロジーの名前',
    other: '組み合わせるアナロジー',
    file: 'アナロジーの .safetensors ファイル',
    action: '行う操作',
    weight: '組み合わせる側の重み。0未満は逆の変化です',
    own: 'こちら側の重み',
    name: '名前。64文字まで',
    newName: '新しい名前。64文字まで',
    description: '何をするかの短い説明。500文字まで。空にすると消えます',
    search: '名前の一部',
    enabled: 'ここでコマンドを使えるようにするか',
    roles: '使えるロールの ID(コンマ区切り)。全員なら「全員」',
    blocked: '使えないユーザーの ID(コンマ区切り)。いなければ「なし」',
    perday: '1人が1日に作れるアナロジーの数。0は無制限',
    roleperday: 'ロール別の同じ上限。例:123=20, 456=50。なければ「なし」',
    cells: '1つの一覧に描ける画像の最大数',
    retention: '結果が消去されるまでの日数。名前を付けたアナロジーは残ります',
    agerestricted: '年齢制限のある場所だけで使えるようにするか',
    spoilers: 'クリックするまで結果を隠すか',
    privatereplies: '答えを本人だけに見せるか',
  },
  reasons: {
    missing: '指定されていません',
    unknownField: 'そのような項目はありません',
    notNumber: '数ではありません',
    notFlag: 'true でも false でもありません',
    notFile: 'ファイルではありません',
    notChoice: (choices) => `${choices} のどれかにしてください`,
    tooShort: (least) => `${least}文字以上にしてください`,
    tooLong: (most) => `${most}文字以下にしてください`,
    tooSmall: (least) => `${least}以上にしてください`,
    tooBig: (most) => `${most}以下にしてください`,
    tooFew: (least) => `${least}個以上にしてください`,
    tooMany: (most) => `${most}個以下にしてください`,
    notId: '使えるのは英数字と . _ : @ + - だけです',
    pair: '組の片方がありません',
    oneSource: 'analogy、job、file のうち1つだけ指定できます',
    needsStrength: 'ガイダンスを指定するときは必要です',
    noParent: 'これより前の結果はありません',
    noName: 'ファイルに名前がないので、名前を決めてください',
    rules: '123=20, 456=50 のように書いてください',
  },
  details: {
    user: 'あなた',
    tenant: 'この場所全体',
    'one member': '1人',
    'all together': '全員',
    animated: 'アニメーション',
    'made for print (CMYK)': '印刷用(CMYK)',
    'stored with 16 bits a channel': '1チャンネル16ビット',
    nothing: '何もなし',
    'it is not whole text': '文字が壊れています',
    'it is empty': '空です',
    'it is longer than 64 characters': '64文字を超えています',
    'it is longer than 500 characters': '500文字を超えています',
    'it does not begin with a letter, a digit or an emoji':
      '文字、数字、絵文字のどれかで始まっていません',
    "it has other characters than letters, digits, emoji, spaces and _ . , ' ! ? & + ( ) -":
      "使えない文字があります。使えるのは文字、数字、絵文字、空白と _ . , ' ! ? & + ( ) - です",
    'it has too many accents on one letter': '1文字に付いたアクセント記号が多すぎます',
  },
  errors: japaneseErrors,
  input: '入力',
  settingsTitle: 'この場所の設定',
  settingsSaved: '保存しました。',
  everyone: '全員',
  nobody: 'なし',
  none: 'なし',
  noLimit: '無制限',
  yes: 'はい',
  no: 'いいえ',
  faults: {
    INTERNAL: {
      sentence: '予期しない問題が起きました。',
      next: 'もう一度試してください。また起きるときは、運営者に知らせてください。',
    },
    ENGINE: {
      sentence: '現在、画像を作るエンジンにつながりません。',
      next: '1分後にもう一度試してください。受け付けたジョブは続きます。',
    },
    SETUP: {
      sentence: '画像を作るエンジンが正しく設定されていません。',
      next: '運営者に知らせてください。',
    },
    JOB: {
      sentence: '画像を作れませんでした。',
      next: 'もう一度始めてください。また失敗するときは、運営者に知らせてください。',
    },
    FULL: {
      sentence: '現在、新しいものを置く空きがありません。',
      next: '何も失われていません。あとで試すか、運営者に知らせてください。',
    },
    UNUSUAL: (picture, trait) => ({
      sentence: `${picture} は${trait}です。変換すると変わってしまうため、受け付けません。`,
      next: '静止画の PNG か JPEG(sRGB、1チャンネル8ビット)で保存してください。',
    }),
    ANALOGY_GONE: {
      sentence: 'このメッセージのアナロジーは、削除されたか期限が切れています。',
      next: '元の画像からもう一度作るか、ライブラリを見てください。',
    },
    JOB_GONE: {
      sentence: 'このメッセージの結果は、消去されたか期限が切れています。',
      next: 'もう一度作ってください。',
    },
    FILE_GONE: {
      sentence: 'その画像はもう保管されていません。',
      next: 'もう一度作ってください。',
    },
  },
};
