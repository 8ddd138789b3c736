import type { AllMemberErrors } from './codes.ts';

/** The errors that members read, in Japanese; `{name}` is filled in as in the table. */
export const japaneseErrors: AllMemberErrors = {
  JOB_UNKNOWN: {
    what: 'ジョブ {job} はありません。',
    todo: '消去されたのかもしれません。もう一度始めてください。',
  },
  FILE_UNKNOWN: {
    what: 'ファイル {file} はありません。',
    todo: '期限が切れたか消去されたのかもしれません。画像をもう一度作ってください。',
  },
  INVERSION_GONE: {
    what: 'この画像の解析結果はもう保管されていないため、すぐには描き直せません。',
    todo: 'アナロジーを画像にもう一度適用してください。',
  },
  CELLS_TOO_MANY: {
    what: '一度に {cells} 枚が指定されましたが、描けるのは {limit} 枚までです。',
    todo: '強さかガイダンスの数を減らしてください。',
  },
  ENGINE_STOPPING: {
    what: 'サービスの停止準備中のため、新しいものは受け付けていません。',
    todo: '{retrySeconds}秒後にもう一度試してください。受け付けたジョブは再開後に続きます。',
  },
  LIMIT_WAITING: {
    what: '待機中のジョブがすでに {waiting} 件あります(対象:{whose})。上限は {limit} 件です。',
    todo: '{retrySeconds}秒後にもう一度試すか、どれかをキャンセルしてください。',
  },
  LIMIT_DEVICE: {
    what: '今日の計算時間を使い切りました(対象:{whose}):{limit}秒中{used}秒。',
    todo: '{retrySeconds}秒後、次の日になってから試してください。',
  },
  LIMIT_BYTES: {
    what: '保管する量が {megabytes} MB になります(対象:{whose})。上限は {limit} MB です。',
    todo: '{retrySeconds}秒後、古いものが消えてから試すか、先に消去してください。',
  },
  JOB_POISONED: {
    what: '処理の途中でエンジンが {crashes} 回停止したため、ジョブを中止しました。',
    todo: 'ほかの画像を使ってください。詳しくはエンジンのログにあります。',
  },
  PICTURE_EMPTY: {
    what: '{picture} は空のファイルです。',
    todo: 'もう一度保存するか、送り直してください。',
  },
  PICTURE_TOO_HEAVY: {
    what: '{picture} は {megabytes} MB あります。読めるのは {limit} MB までです。',
    todo: '小さくするか、JPEG で保存してください。',
  },
  PICTURE_TOO_LARGE: {
    what: '{picture} は {width} x {height} ピクセルです。読めるのは {limit} 百万ピクセルまでです。',
    todo: '縮小してください。一辺 2000 ピクセルあれば十分です。',
  },
  PICTURE_TOO_SMALL: {
    what: '{picture} は {width} x {height} ピクセルです。各辺 {limit} ピクセル以上が必要です。',
    todo: 'もっと大きい画像を使ってください。',
  },
  PICTURE_TOO_NARROW: {
    what: '{picture} は {width} x {height} ピクセルで、一辺がもう一辺の {limit} 倍を超えています。',
    todo: '正方形に近くなるように切り抜いてください。',
  },
  PICTURE_UNPACKED: {
    what: '{picture} は展開すると {megabytes} MB になります。読めるのは {limit} MB までです。',
    todo: '縮小するか、1チャンネル8ビットで保存してください。',
  },
  PICTURE_INTERLACED: {
    what: '{picture} はインターレース形式で、展開すると {megabytes} MB になります。この形式で読めるのは {limit} MB までです。',
    todo: 'インターレースやプログレッシブを使わずに保存するか、縮小してください。',
  },
  PICTURE_HEIC: {
    what: '{picture} は HEIC の写真で、ここでは読めません。',
    todo: 'iPhone では「設定」>「カメラ」>「フォーマット」>「互換性優先」を選ぶか、JPEG で保存してください。',
  },
  PICTURE_AVIF: {
    what: '{picture} は AVIF 画像で、ここでは読めません。',
    todo: 'PNG か JPEG で保存して、それを使ってください。',
  },
  PICTURE_TIFF: {
    what: '{picture} は TIFF 画像で、ここでは読めません。',
    todo: 'PNG か JPEG で保存して、それを使ってください。',
  },
  PICTURE_SVG: {
    what: '{picture} は SVG の図で、ここでは読めません。',
    todo: '幅 1000 ピクセルほどの PNG に書き出してください。',
  },
  PICTURE_PDF: {
    what: '{picture} は PDF 文書で、ここでは読めません。',
    todo: '使いたいページを PNG か JPEG で保存してください。',
  },
  PICTURE_VIDEO: {
    what: '{picture} は動画で、ここでは読めません。',
    todo: '使いたい場面のスクリーンショットを使ってください。',
  },
  PICTURE_FORMAT: {
    what: '{picture} の形式({format})は、ここでは読めません。',
    todo: 'PNG か JPEG で保存して、それを使ってください。',
  },
  PICTURE_UNKNOWN: {
    what: '{picture} は読める画像ではありません。',
    todo: 'PNG、JPEG、WebP、GIF のどれかを使ってください。',
  },
  PICTURE_BROKEN: {
    what: '{picture} は壊れているか、途中で切れています。',
    todo: 'もう一度保存またはダウンロードしてください。編集ソフトで開いて書き出すと直ることもあります。',
  },
  PICTURE_UNUSUAL: {
    what: '{picture} は{trait}です。変換すると変わってしまうため、受け付けません。',
    todo: '静止画の PNG か JPEG(sRGB、1チャンネル8ビット)で保存してください。',
  },
  PICTURE_CRASHED: {
    what: '{picture} を読むプログラムが異常終了しました。',
    todo: 'おそらく壊れています。編集ソフトで開いて保存し直し、それを使ってください。',
  },
  PICTURE_SLOW: {
    what: '{picture} を読むのに {seconds} 秒より長くかかります。',
    todo: '縮小するか、通常の JPEG で保存してください。',
  },
  PICTURE_MEMORY: {
    what: '{picture} を読むには、1枚に許されるより多くのメモリが必要です。',
    todo: '縮小するか、通常の JPEG で保存してください。',
  },
  INTAKE_BUSY: {
    what: '読み込みを待っている画像が多すぎます:{waiting} 枚。',
    todo: '1分後にもう一度試してください。',
  },
  ANALOGY_FILE_TOO_LARGE: {
    what: 'アナロジーのファイルは {megabytes} MB あります。読めるのは {limit} MB までです。',
    todo: 'Likewise が書き出したファイルを使ってください。ずっと小さいはずです。',
  },
  ANALOGY_FILE_CUT: {
    what: 'アナロジーのファイルが途中で切れています:{reason}。',
    todo: 'もう一度ダウンロードするか、書き出してください。',
  },
  ANALOGY_FILE_HEADER: {
    what: 'アナロジーのファイルのヘッダーが {bytes} バイトとなっています。読めるのは {limit} バイトまでです。',
    todo: 'Likewise が書き出した .safetensors ファイルを使ってください。',
  },
  ANALOGY_FILE_TEXT: {
    what: 'アナロジーのファイルのヘッダーが UTF-8 の文字列ではありません。',
    todo: 'Likewise が書き出した .safetensors ファイルを使ってください。',
  },
  ANALOGY_FILE_JSON: {
    what: 'アナロジーのファイルのヘッダーが正しくありません:{reason}。',
    todo: 'Likewise が書き出した .safetensors ファイルを使ってください。',
  },
  ANALOGY_FILE_DUPLICATE: {
    what: 'アナロジーのファイルのヘッダーに "{key}" が2つあります。',
    todo: 'Likewise が書き出したままのファイルを使ってください。これは変更されています。',
  },
  ANALOGY_FILE_OFFSETS: {
    what: 'アナロジーのファイルの数値が正しい位置にありません:{reason}。',
    todo: 'Likewise が書き出したままのファイルを使ってください。これは変更されたか壊れています。',
  },
  ANALOGY_FILE_DTYPE: {
    what: 'アナロジーのファイルの "{tensor}" の数値は F32 ではなく {dtype} です。',
    todo: '32ビット浮動小数点数に変換するか、もう一度書き出してください。',
  },
  ANALOGY_FILE_SHAPE: {
    what: 'アナロジーのファイルの "{tensor}" の形は {expected} ではなく {shape} です。',
    todo: '同じモデル用に Likewise が書き出したままのファイルを使ってください。',
  },
  ANALOGY_FILE_TENSORS: {
    what: 'アナロジーのファイルの中身は {tensors} で、direction(a と a_prime は任意)ではありません。',
    todo: 'Likewise が書き出した .safetensors ファイルを使ってください。',
  },
  ANALOGY_FILE_NUMBERS: {
    what: 'アナロジーのファイルの "{tensor}" に、有限の数でない値があります。',
    todo: 'もう一度書き出してください。このファイルは変更されたか壊れています。',
  },
  ANALOGY_FILE_METADATA: {
    what: 'アナロジーのファイルは "{key}" の内容のため使えません:{reason}。',
    todo: 'Likewise が書き出した .safetensors ファイルを使ってください。',
  },
  ANALOGY_FILE_VERSION: {
    what: 'アナロジーのファイルの形式はバージョン {version} です。ここで読めるのはバージョン {supported} です。',
    todo: 'このバージョンの Likewise で書き出し直すか、こちらを更新してください。',
  },
  ANALOGY_OTHER_MODEL: {
    what: 'このアナロジーはモデル {theirs} で作られましたが、ここのモデルは {ours} です。',
    todo: '作ったときのモデルで使うか、元の画像からもう一度作ってください。',
  },
  ANALOGY_NAME_INVALID: {
    what: '"{name}" はアナロジーの名前にできません:{reason}。',
    todo: '「めがね付き」のような別の名前にしてください。',
  },
  ANALOGY_NAME_TAKEN: {
    what: '{name} という名前のアナロジーはすでにあります。',
    todo: '別の名前にするか、既存のものの名前を変えるか削除してください。',
  },
  ANALOGY_NAMED: {
    what: 'このアナロジーはすでに {name} として保存されています。',
    todo: 'その名前で使うか、持ち主に名前を変えてもらってください。',
  },
  ANALOGY_DESCRIPTION_INVALID: {
    what: 'その説明は使えません:{reason}。',
    todo: 'もっと短く、または簡単に書いてください。',
  },
  ANALOGY_UNKNOWN: {
    what: 'ここには {name} という名前のアナロジーはありません。',
    todo: '何があるか、ライブラリを見てください。',
  },
  ANALOGY_NOT_YOURS: {
    what: 'アナロジー {name} はほかの人のものです。',
    todo: '持ち主かモデレーターに頼むか、自分のものを保存してください。',
  },
  ANALOGY_DAMAGED: {
    what: '保管されているアナロジー {name} が壊れています。',
    todo: '削除して、もう一度保存するかインポートしてください。',
  },
  LIBRARY_FULL: {
    what: 'ライブラリがいっぱいです。{whose}につき {most} 件までです。',
    todo: '使わないものを削除してください。',
  },
  INPUT_INVALID: {
    what: '{field} は使えません:{reason}。',
    todo: '直してからもう一度試してください。',
  },
  COMMAND_UNKNOWN: {
    what: '{name} というコマンドやボタンはありません。',
    todo: '何があるかは「help」で見られます。',
  },
  COMMANDS_OFF: {
    what: 'ここでは Likewise はオフになっています。',
    todo: '設定でオンにするよう、管理者に頼んでください。',
  },
  AGE_RESTRICTED: {
    what: 'ここでは、年齢制限のある場所だけで使えます。',
    todo: '年齢制限のあるチャンネルで使ってください。',
  },
  ROLE_MISSING: {
    what: 'ここでこれを使えるのは、決められたロールの人だけです。',
    todo: 'そのロールを管理者に頼んでください。',
  },
  ADMINS_ONLY: {
    what: '設定を変えられるのは管理者だけです。',
    todo: '管理者に頼んでください。',
  },
  JOB_NOT_YOURS: {
    what: 'これはほかの人が始めたものです。',
    todo: 'その人かモデレーターに頼んでください。',
  },
  JOB_NOT_DONE: {
    what: 'まだ結果がありません。ジョブの状態:{state}。',
    todo: '完了するまで待つか、もう一度始めてください。',
  },
  JOBS_NONE: {
    what: 'ここにはまだあなたの結果がありません。',
    todo: '先にアナロジーを作るか、どの結果かを指定してください。',
  },
  RESULT_EXPIRED: {
    what: 'ここで結果を開けるのは {days} 日間で、これはそれより古いものです。',
    todo: 'もう一度作ってください。',
  },
  QUOTA_USED: {
    what: '今日作れる分を使い切りました:{limit} 件中 {count} 件。',
    todo: '{retrySeconds}秒後、次の日になってから試してください。',
  },
  FETCH_FORBIDDEN: {
    what: '{picture}を読み取れません。アプリに {permission} の権限がありません。',
    todo: '管理者にアプリの再インストールを頼んでください。',
  },
  FETCH_FAILED: {
    what: '{picture} を投稿された場所から取得できませんでした。',
    todo: 'もう一度送ってください。',
  },
};
