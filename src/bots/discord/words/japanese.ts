import type { Words } from './english.ts';

export const japanese: Words = {
  remove: '削除',
  refines: (url) => `[この結果](${url})から作りました。`,
  ready: (when) => `完成予定:${when}`,
  retry: (when) => `次に試せる時刻:${when}`,
  code: (code) => `コード:${code}`,
  previewAlt: '途中まで描かれたあなたの画像。',
  pick: '1枚を原寸で表示',
  suggested: '最初に見るとよい1枚',
  moreButtons: 'その他',
  done: '完了しました。',
  pictureTooLarge: '画像が大きすぎて、ここには表示できません。',
  fileTooLarge: (name) => `ファイル ${name} は大きすぎて、ここには送れません。`,
  filesLeftOut: (count) => `表示していないファイル:ほかに ${count} 個。`,
  cutShort: '残りは長すぎて、ここには表示できません。',

  notYoursToDelete: '削除できるのは、依頼した本人かモデレーターだけです。',
  longPrivate:
    '非公開の返信を Discord が待てる時間を超えるため、結果はダイレクトメッセージで届きます。',
  directMessage: '非公開の依頼の結果です:',
  stillPosted: (count) =>
    `まだ表示されているあなたの結果:${count} 件(このボットがメンバーでないか、書き込めない場所)。そこでは手動で削除してください。`,
  noPicture: 'このメッセージには画像がありません。',
  onePicture: 'このメッセージには画像が1枚しかありません。2枚必要です。',
  noResult: 'このメッセージには、このボットの結果がありません。',
  ticketGone: '一緒に送られたものはもう保存されていません。コマンドをもう一度選んでください。',
  interrupted: '送られたものをすべて読む前に再起動しました。コマンドをもう一度実行してください。',
  closedChannel:
    '依頼のあったチャンネルに書き込めません(「チャンネルを見る」「メッセージを送信」「ファイルを添付」の権限が必要です)。そのため、結果をこちらに送ります:',

  messageCommands: {
    apply: 'この類推を適用',
    useAsB: 'B として使う',
    useAsPair: "A と A' として使う",
  },
  yes: 'はい',
  no: 'いいえ',
  range: (min, max) => `${min}~${max}`,
  fields: {
    analogy: '類推',
    weight: 'その重み',
    own: 'この類推の重み',
    picture: 'B(あなたの画像)',
    name: '名前',
    description: '説明',
    file: 'ファイル',
    text: '言葉',
    strengths: '強さ',
    guidance: 'ガイダンス',
  },
  dialogs: {
    pairs: {
      title: '組を追加',
      label: (pair) => `組 ${pair}`,
      description: "画像2枚:先に A、次に A'",
    },
    useAsB: {
      title: 'B として使う',
      analogy: '保存された類推',
      analogyHelp: "保存された類推の名前を入れるか、下で A と A' を選んでください",
      before: 'A',
      beforeHelp: '変化する前の画像',
      after: "A'",
      afterHelp: '変化した後の同じ画像',
    },
    useAsPair: {
      title: "A と A' として使う",
      picture: 'B',
      help: '同じように変えたいあなたの画像',
    },
    apply: {
      title: 'この類推を適用',
      picture: 'B',
      help: '同じように変えたいあなたの画像',
    },
  },
};
