import type { Words } from './english.ts';

export const german: Words = {
  remove: 'Löschen',
  refines: (url) => `Aus [diesem Ergebnis](${url}).`,
  ready: (when) => `fertig ${when}`,
  retry: (when) => `Ein neuer Versuch ist ${when} möglich.`,
  code: (code) => `Code: ${code}`,
  previewAlt: 'Dein Bild, so weit es ist.',
  pick: 'Eines davon in voller Größe zeigen',
  suggested: 'Dieses zuerst ansehen',
  moreButtons: 'Mehr',
  done: 'Erledigt.',
  pictureTooLarge: 'Ein Bild ist zu groß, um hier gezeigt zu werden.',
  fileTooLarge: (name) => `Die Datei ${name} ist zu groß, um hier gesendet zu werden.`,
  filesLeftOut: (count) => `Nicht gezeigt: ${count} weitere Dateien.`,
  cutShort: 'Der Rest ist zu lang, um hier gezeigt zu werden.',

  notYoursToDelete: 'Löschen kann das nur, wer darum gebeten hat, oder die Moderation.',
  longPrivate:
    'Das dauert länger, als Discord eine private Antwort warten lässt: Das Ergebnis kommt als Direktnachricht.',
  directMessage: 'Das Ergebnis deiner privaten Anfrage:',
  stillPosted: (count) =>
    `Noch zu sehen: ${count} deiner Ergebnisse, wo ich kein Mitglied bin oder nicht schreiben darf. Lösche sie dort von Hand.`,
  noPicture: 'Diese Nachricht hat kein Bild.',
  onePicture: 'Diese Nachricht hat nur ein Bild; zwei werden gebraucht.',
  noResult: 'Diese Nachricht zeigt kein Ergebnis von mir.',
  ticketGone: 'Was dazu gesendet wurde, ist nicht mehr da; wähle den Befehl noch einmal.',
  interrupted:
    'Ich wurde neu gestartet, bevor ich alles gelesen hatte, was du gesendet hast: Gib den Befehl noch einmal.',
  closedChannel:
    'In dem Kanal, in dem du gefragt hast, darf ich nicht schreiben: Dazu braucht es „Kanal anzeigen“, „Nachrichten senden“ und „Dateien anhängen“. Deshalb kommt das Ergebnis hierher:',

  messageCommands: {
    apply: 'Diese Analogie anwenden',
    useAsB: 'Als B nehmen',
    useAsPair: "Als A und A' nehmen",
  },
  yes: 'Ja',
  no: 'Nein',
  range: (min, max) => `${min} bis ${max}`,
  fields: {
    analogy: 'Analogie',
    weight: 'Ihr Gewicht',
    own: 'Gewicht dieser hier',
    picture: 'B, dein Bild',
    name: 'Name',
    description: 'Beschreibung',
    file: 'Datei',
    text: 'Wörter',
    strengths: 'Stärken',
    guidance: 'Guidance',
  },
  dialogs: {
    pairs: {
      title: 'Weitere Paare',
      label: (pair) => `Paar ${pair}`,
      description: "Zwei Bilder: zuerst A, dann A'",
    },
    useAsB: {
      title: 'Als B nehmen',
      analogy: 'Eine gespeicherte Analogie',
      analogyHelp: "Nenne eine gespeicherte Analogie oder gib unten A und A' an",
      before: 'A',
      beforeHelp: 'Ein Bild vor der Änderung',
      after: "A'",
      afterHelp: 'Dasselbe Bild nach der Änderung',
    },
    useAsPair: {
      title: "Als A und A' nehmen",
      picture: 'B',
      help: 'Dein Bild, das ebenso geändert wird',
    },
    apply: {
      title: 'Diese Analogie anwenden',
      picture: 'B',
      help: 'Dein Bild, das ebenso geändert wird',
    },
  },
};
