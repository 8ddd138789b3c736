import type { Texts } from './english.ts';
import { germanErrors } from './german-errors.ts';

const phases: Texts['phases'] = {
  tokens: 'Worte dafür finden',
  noise: 'das Rauschen dazu finden',
  'fixed-point': 'das Rauschen dazu finden',
};

/** „du“, and plain words. */
export const german: Texts = {
  reading: 'Die Bilder werden gelesen.',
  next: 'Als Nächstes an der Reihe.',
  position: (position) => `Platz ${position} in der Warteschlange.`,
  working: (role, phase, step, steps) => {
    const what = role === undefined ? 'Es wird gezeichnet' : `${role} wird untersucht`;
    const part = phases[phase];
    const count = steps > 0 ? `, Schritt ${step} von ${steps}` : '';
    return `${what}${part && role !== undefined ? ` (${part})` : ''}${count}.`;
  },
  phases,
  eta: (seconds) => {
    if (seconds < 1.5) return 'noch eine Sekunde';
    if (seconds < 90) return `noch etwa ${Math.round(seconds)} s`;
    if (seconds < 5400) return `noch etwa ${Math.round(seconds / 60)} min`;
    return `noch etwa ${Math.round(seconds / 3600)} h`;
  },
  wait: (seconds) => {
    const of = (count: number, one: string, several: string) =>
      `${count} ${count === 1 ? one : several}`;
    if (seconds < 90) return of(Math.ceil(seconds), 'Sekunde', 'Sekunden');
    if (seconds < 5400) return of(Math.ceil(seconds / 60), 'Minute', 'Minuten');
    if (seconds < 129_600) return of(Math.ceil(seconds / 3600), 'Stunde', 'Stunden');
    return of(Math.ceil(seconds / 86_400), 'Tag', 'Tagen');
  },
  remarks: {
    animated: 'ist animiert: Das erste Bild wird verwendet.',
    cmyk: 'ist für den Druck gemacht (CMYK): Die Farben können anders aussehen.',
    deep: 'hat 16 Bit je Kanal: 8 davon werden verwendet.',
  },
  cell: (lambda, guidance) => `Stärke ${lambda}, Guidance ${guidance}`,
  cells: (lambda, guidance) => `Stärke ${lambda} bei Guidance ${guidance}.`,
  suggested: (lambda) => `Sieh dir zuerst Stärke ${lambda} an.`,
  gridAlt: (lambda, guidance) =>
    'Ein beschriftetes Raster. Oben: das Beispiel vorher und nachher und dein Bild. ' +
    `Unten: dein Bild, ebenso verändert, bei Stärke ${lambda} und Guidance ${guidance}.`,
  cellAlt: (cell) => `Dein Bild, ebenso verändert: ${cell}.`,
  animationAlt: (lambda) =>
    `Ein bewegtes Bild: dein Bild, ebenso verändert, Stärke ${lambda}, hin und her.`,
  cancelled: 'Abgebrochen.',
  nothingToCancel: 'Von deinen Aufträgen wartet oder läuft keiner.',
  over: 'Dieser Auftrag war schon zu Ende.',
  role: { before: 'A', after: "A'", picture: 'B' },
  saved: (name) => `Gespeichert als ${name}. Alle hier können sie unter diesem Namen anwenden.`,
  changed: (name) => `Geändert: ${name}.`,
  deleted: (name) => `Gelöscht: ${name}.`,
  deleteQuestion: (name) =>
    `${name} aus der Bibliothek löschen? Danach kann hier niemand mehr sie mit Namen anwenden.`,
  exported: (name) => `${name} als Datei, die sich anderswo importieren lässt.`,
  library: 'Analogien an diesem Ort',
  found: (text, { from, to, of }, isMore) => {
    const shown = to - from + 1 === of ? `${of}` : `${from} bis ${to} von ${of}`;
    const more = isMore ? ', vielleicht mehr: Suche nach einem längeren Teil des Namens' : '';
    return `Analogien mit „${text}“ (${shown}${more})`;
  },
  foundNone: (text) => `Analogien mit „${text}“`,
  libraryEmpty: 'Es gibt keine. Speichere eine mit ihrem Knopf „Benennen“.',
  savedBy: (owner, day) => `gespeichert von ${owner}, erstellt am ${day}`,
  unnamed: 'eine Analogie ohne Namen',
  jobs: (render, inversion) =>
    `Deine Aufträge. In der Warteschlange aller: ${render} zu zeichnen, ${inversion} zu untersuchen.`,
  notAccepting: 'Zurzeit wird nichts Neues angenommen.',
  noJobs: 'Du hast hier keine.',
  jobTitle: { analogy: 'Analogie', apply: 'Angewandte Analogie', render: 'Verfeinerung' },
  states: {
    waiting: 'wartet',
    running: 'läuft',
    done: 'fertig',
    failed: 'gescheitert',
    cancelled: 'abgebrochen',
  },
  forgetQuestion:
    'Alles vergessen, was hier von dir ist: deine Bilder, Ergebnisse, gespeicherten Analogien und ' +
    'Aufträge, auch laufende? Das lässt sich nicht rückgängig machen.',
  forgotten: ({ pictures, records, analogies, jobs }) =>
    `Vergessen: Bilder: ${pictures}, andere Einträge: ${records}, ` +
    `gespeicherte Analogien: ${analogies}, Aufträge: ${jobs}.`,
  nothingChanged: 'Es bleibt, wie es war.',
  original: 'In Originalqualität.',
  notShown: (count) =>
    `Nicht gezeigt, weil in eine Nachricht nicht mehr passt: ${count}. Wähle ein Bild, um es allein zu bekommen.`,
  help: {
    title: 'Likewise bearbeitet Bilder nach einem Beispiel',
    lines: [
      "Zeig ihm ein Bild vor einer Änderung (A) und danach (A'), dann dein eigenes (B): Du bekommst B ebenso verändert, in mehreren Stärken.",
      'Unter jedem Ergebnis: Knöpfe, um Stärke und Guidance zu ändern, um es umzukehren oder zu kombinieren, um es in Bewegung zu sehen, um es zu benennen und um es auf ein anderes Bild anzuwenden.',
      'Bilder werden eine begrenzte Zeit aufbewahrt. „forget“ entfernt alles, was von dir ist.',
    ],
    alt: 'Ein Beispiel: ein Gesicht, dasselbe mit Brille, ein anderes Gesicht und dieses mit Brille.',
    command: (name, description) => `${name}: ${description}`,
  },
  buttons: {
    pick: (lambda) => `× ${lambda}`,
    weaker: 'Schwächer',
    stronger: 'Stärker',
    finer: 'Feiner',
    less: 'Guidance −',
    more: 'Guidance +',
    table: 'Beide Regler',
    reverse: 'Umkehren',
    combine: 'Kombinieren …',
    animate: 'Animieren',
    apply: 'Anwenden auf …',
    name: 'Benennen …',
    original: 'Herunterladen',
    undo: 'Rückgängig',
    cancel: 'Abbrechen',
    show: 'Zeigen',
    back: 'Zurück zum Raster',
    again: 'Noch einmal machen',
    export: 'Exportieren',
    delete: 'Löschen …',
    deleteYes: 'Löschen',
    forgetYes: 'Alles von mir vergessen',
    keep: 'Nein',
    later: 'Mehr',
  },
  commands: {
    analogy: "A verhält sich zu A' wie B zu …: Ändere dein Bild nach einem Beispiel",
    apply: 'Eine Analogie (Name, Ergebnis oder Datei) auf ein Bild anwenden',
    refine: 'Ein Ergebnis verfeinern: was seine Knöpfe tun, und beide Regler',
    show: 'Einen Auftrag zeigen: wie weit er ist, oder sein Ergebnis',
    library: 'Die Analogien an diesem Ort auflisten oder danach suchen',
    name: 'Die Analogie eines Ergebnisses unter einem Namen speichern',
    describe: 'Eine gespeicherte Analogie beschreiben',
    rename: 'Eine gespeicherte Analogie umbenennen',
    delete: 'Eine gespeicherte Analogie löschen',
    export: 'Eine gespeicherte Analogie als Datei holen',
    import: 'Eine Analogie aus einer Datei speichern',
    status: 'Deine Aufträge und die Warteschlange',
    cancel: 'Einen Auftrag abbrechen',
    forget: 'Alles vergessen, was hier von dir ist',
    help: 'Was das hier ist und wie man es benutzt',
    settings: 'Die Einstellungen dieses Ortes zeigen oder ändern',
  },
  fields: {
    before: 'A: ein Bild vor der Änderung',
    after: "A': dasselbe Bild nach der Änderung",
    picture: 'B: dein Bild, das ebenso verändert werden soll',
    moreBefore: (n) => `A von Paar ${n}: Die Änderungen der Paare werden gemittelt`,
    moreAfter: (n) => `A' von Paar ${n}`,
    text: 'Worte, die die Änderung in eine Richtung lenken',
    strengths: 'Stärken, z. B. 0, 0.5, 1 (mit Punkt); unter 0 ist die umgekehrte Änderung',
    guidances: 'Guidance, z. B. 2; auch mehrere',
    strength: 'Die gemeinte Stärke',
    guidance: 'Die gemeinte Guidance',
    job: 'Der gemeinte Auftrag; ohne Angabe dein letzter',
    analogy: 'Ihr Name',
    other: 'Die Analogie, mit der sie kombiniert wird',
    file: 'Eine Analogie als .safetensors-Datei',
    action: 'Was damit geschehen soll',
    weight: 'Wie viel die andere zählt; unter 0 ihr Gegenteil',
    own: 'Wie viel diese zählt',
    name: 'Ein Name, höchstens 64 Zeichen',
    newName: 'Der neue Name, höchstens 64 Zeichen',
    description: 'Was sie tut, in einem Satz (höchstens 500 Zeichen); leer entfernt ihn',
    search: 'Ein Teil des Namens',
    enabled: 'Ob die Befehle hier benutzt werden können',
    roles: 'Ids der Rollen, die es benutzen dürfen, mit Kommas; „alle“ für jeden',
    blocked: 'Ids von Leuten, die es nicht dürfen, mit Kommas; „niemand“ für keinen',
    perday: 'So viele Analogien darf ein Mitglied am Tag machen; 0 für unbegrenzt',
    roleperday: 'Dasselbe für Rollen, z. B. 123=20, 456=50; „keine“ für keine solche Regel',
    cells: 'So viele Bilder darf ein Raster höchstens haben',
    retention: 'Tage, nach denen Ergebnisse gelöscht werden; benannte Analogien bleiben',
    agerestricted: 'Ob man es nur dort benutzen kann, wo nur Erwachsene Zutritt haben',
    spoilers: 'Ob Ergebnisse verdeckt sind, bis man sie anklickt',
    privatereplies: 'Ob nur, wer fragt, die Antwort sieht',
  },
  reasons: {
    missing: 'Es fehlt',
    unknownField: 'Ein solches Feld gibt es nicht',
    notNumber: 'Es ist keine Zahl',
    notFlag: 'Es ist weder true noch false',
    notFile: 'Es ist keine Datei',
    notChoice: (choices) => `Möglich sind ${choices}`,
    tooShort: (least) => `Es hat weniger als ${least} Zeichen`,
    tooLong: (most) => `Es hat mehr als ${most} Zeichen`,
    tooSmall: (least) => `Es ist kleiner als ${least}`,
    tooBig: (most) => `Es ist größer als ${most}`,
    tooFew: (least) => `Es sind weniger als ${least}`,
    tooMany: (most) => `Es sind mehr als ${most}`,
    notId: 'Nur Buchstaben, Ziffern und . _ : @ + - sind erlaubt',
    pair: 'Es fehlt in seinem Paar',
    oneSource: 'Nur eines von analogy, job und file kann angewandt werden',
    needsStrength: 'Es wird gebraucht, wenn eine Guidance angegeben ist',
    noParent: 'Davor ist nichts',
    noName: 'Die Datei nennt keinen, also wähle einen',
    rules: 'Schreib es als 123=20, 456=50',
  },
  details: {
    user: 'für dich',
    tenant: 'für alle hier',
    'one member': 'für ein einzelnes Mitglied',
    'all together': 'für alle zusammen',
    animated: 'animiert',
    'made for print (CMYK)': 'für den Druck gemacht (CMYK)',
    'stored with 16 bits a channel': 'mit 16 Bit je Kanal gespeichert',
    nothing: 'nichts',
    'it is not whole text': 'Der Text ist beschädigt',
    'it is empty': 'Er ist leer',
    'it is longer than 64 characters': 'Er ist länger als 64 Zeichen',
    'it is longer than 500 characters': 'Sie ist länger als 500 Zeichen',
    'it does not begin with a letter, a digit or an emoji':
      'Er beginnt nicht mit einem Buchstaben, einer Ziffer oder einem Emoji',
    "it has other characters than letters, digits, emoji, spaces and _ . , ' ! ? & + ( ) -":
      "Er hat andere Zeichen als Buchstaben, Ziffern, Emoji, Leerzeichen und _ . , ' ! ? & + ( ) -",
    'it has too many accents on one letter': 'Er hat zu viele Akzente auf einem Buchstaben',
  },
  errors: germanErrors,
  input: 'Die Eingabe',
  settingsTitle: 'Einstellungen dieses Ortes',
  settingsSaved: 'Gespeichert.',
  everyone: 'alle',
  nobody: 'niemand',
  none: 'keine',
  noLimit: 'unbegrenzt',
  yes: 'ja',
  no: 'nein',
  faults: {
    INTERNAL: {
      sentence: 'Etwas ist schiefgegangen, was nicht hätte schiefgehen dürfen.',
      next: 'Versuch es noch einmal; geschieht es wieder, sag es denen, die das hier betreiben.',
    },
    ENGINE: {
      sentence: 'Was die Bilder macht, ist zurzeit nicht erreichbar.',
      next: 'Versuch es in einer Minute wieder: Was angenommen war, geht weiter.',
    },
    SETUP: {
      sentence: 'Was die Bilder macht, ist nicht richtig eingerichtet.',
      next: 'Sag es denen, die das hier betreiben.',
    },
    JOB: {
      sentence: 'Das Bild konnte nicht gemacht werden.',
      next: 'Starte es noch einmal; scheitert es wieder, sag es denen, die das hier betreiben.',
    },
    FULL: {
      sentence: 'Zurzeit ist kein Platz für Neues.',
      next: 'Nichts ist verloren. Versuch es später wieder, oder sag es denen, die das hier betreiben.',
    },
    UNUSUAL: (picture, trait) => ({
      sentence: `${picture} ist ${trait}; das wird abgelehnt, weil eine Umwandlung es verändern würde.`,
      next: 'Speichere es als unbewegtes PNG oder JPEG, sRGB, 8 Bit je Kanal.',
    }),
    ANALOGY_GONE: {
      sentence: 'Die Analogie dieser Nachricht wurde gelöscht oder ist abgelaufen.',
      next: 'Mach sie aus ihren Bildern noch einmal, oder sieh in der Bibliothek nach.',
    },
    JOB_GONE: {
      sentence: 'Das Ergebnis dieser Nachricht wurde vergessen oder ist abgelaufen.',
      next: 'Mach es noch einmal.',
    },
    FILE_GONE: {
      sentence: 'Das Bild wird nicht mehr aufbewahrt.',
      next: 'Mach es noch einmal.',
    },
  },
};
