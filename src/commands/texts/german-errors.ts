import type { AllMemberErrors } from './codes.ts';

/** The errors that members read, in German; `{name}` is filled in as in the table. */
export const germanErrors: AllMemberErrors = {
  JOB_UNKNOWN: {
    what: 'Es gibt keinen Auftrag {job}.',
    todo: 'Vielleicht wurde er vergessen; starte ihn noch einmal.',
  },
  FILE_UNKNOWN: {
    what: 'Es gibt keine Datei {file}.',
    todo: 'Vielleicht ist sie abgelaufen oder wurde vergessen; mach das Bild noch einmal.',
  },
  INVERSION_GONE: {
    what: 'Was über dieses Bild gefunden wurde, ist nicht mehr da; es kann nicht sofort neu gezeichnet werden.',
    todo: 'Wende die Analogie noch einmal auf das Bild an.',
  },
  CELLS_TOO_MANY: {
    what: '{cells} Bilder wurden auf einmal verlangt; höchstens {limit} werden gezeichnet.',
    todo: 'Gib weniger Stärken oder Guidance-Werte an.',
  },
  ENGINE_STOPPING: {
    what: 'Der Dienst wird gerade angehalten und nimmt nichts Neues an.',
    todo: 'Versuch es in {retrySeconds} s wieder: Was angenommen war, geht dann weiter.',
  },
  LIMIT_WAITING: {
    what: 'Es warten schon {waiting} Aufträge ({whose}); höchstens {limit} dürfen warten.',
    todo: 'Versuch es in {retrySeconds} s wieder, oder brich einen davon ab.',
  },
  LIMIT_DEVICE: {
    what: 'Die Rechenzeit von heute ist aufgebraucht ({whose}): {used} von {limit} s.',
    todo: 'Versuch es in {retrySeconds} s wieder, wenn der nächste Tag beginnt.',
  },
  LIMIT_BYTES: {
    what: 'Aufbewahrt würden {megabytes} MB ({whose}); höchstens {limit} MB sind möglich.',
    todo: 'Versuch es in {retrySeconds} s wieder, wenn das Älteste entfernt ist, oder lass es vorher vergessen.',
  },
  JOB_POISONED: {
    what: 'Der Auftrag wurde aufgegeben, weil der Dienst mittendrin {crashes}-mal abgestürzt ist.',
    todo: 'Nimm andere Bilder; das Protokoll des Dienstes sagt mehr.',
  },
  PICTURE_EMPTY: {
    what: '{picture} ist leer: Es hat keine Bytes.',
    todo: 'Speichere oder sende es noch einmal.',
  },
  PICTURE_TOO_HEAVY: {
    what: '{picture} hat {megabytes} MB; höchstens {limit} MB werden gelesen.',
    todo: 'Speichere es kleiner oder als JPEG.',
  },
  PICTURE_TOO_LARGE: {
    what: '{picture} hat {width} x {height} Pixel; höchstens {limit} Millionen werden gelesen.',
    todo: 'Verkleinere es: 2000 Pixel je Seite sind mehr als genug.',
  },
  PICTURE_TOO_SMALL: {
    what: '{picture} hat {width} x {height} Pixel; jede Seite braucht mindestens {limit}.',
    todo: 'Nimm eine größere Fassung davon.',
  },
  PICTURE_TOO_NARROW: {
    what: '{picture} hat {width} x {height} Pixel: Eine Seite ist mehr als {limit}-mal so lang wie die andere.',
    todo: 'Schneide es zu, näher an einem Quadrat.',
  },
  PICTURE_UNPACKED: {
    what: '{picture} ist entpackt {megabytes} MB groß; höchstens {limit} MB werden gelesen.',
    todo: 'Verkleinere es, oder speichere es mit 8 Bit je Kanal.',
  },
  PICTURE_INTERLACED: {
    what: '{picture} ist schrittweise gespeichert und entpackt {megabytes} MB groß; dann werden höchstens {limit} MB gelesen.',
    todo: 'Speichere es ohne „interlaced“ oder „progressiv“, oder verkleinere es.',
  },
  PICTURE_HEIC: {
    what: '{picture} ist ein HEIC-Foto; das wird hier nicht gelesen.',
    todo: 'Wähle auf einem iPhone Einstellungen > Kamera > Formate > Maximale Kompatibilität; oder speichere es als JPEG.',
  },
  PICTURE_AVIF: {
    what: '{picture} ist ein AVIF-Bild; das wird hier nicht gelesen.',
    todo: 'Speichere es als PNG oder JPEG und nimm das.',
  },
  PICTURE_TIFF: {
    what: '{picture} ist ein TIFF-Bild; das wird hier nicht gelesen.',
    todo: 'Speichere es als PNG oder JPEG und nimm das.',
  },
  PICTURE_SVG: {
    what: '{picture} ist eine SVG-Zeichnung; das wird hier nicht gelesen.',
    todo: 'Exportiere sie als PNG, etwa 1000 Pixel breit.',
  },
  PICTURE_PDF: {
    what: '{picture} ist ein PDF-Dokument; das wird hier nicht gelesen.',
    todo: 'Speichere die gewünschte Seite als PNG oder JPEG.',
  },
  PICTURE_VIDEO: {
    what: '{picture} ist ein Video; das wird hier nicht gelesen.',
    todo: 'Nimm ein Bildschirmfoto des gewünschten Augenblicks.',
  },
  PICTURE_FORMAT: {
    what: '{picture} ist {format}; das wird hier nicht gelesen.',
    todo: 'Speichere es als PNG oder JPEG und nimm das.',
  },
  PICTURE_UNKNOWN: {
    what: '{picture} ist kein Bild, das gelesen werden kann.',
    todo: 'Nimm eine PNG-, JPEG-, WebP- oder GIF-Datei.',
  },
  PICTURE_BROKEN: {
    what: '{picture} ist beschädigt oder abgeschnitten.',
    todo: 'Speichere es oder lade es noch einmal herunter; vielleicht hilft es, es in einem Programm zu öffnen und neu zu exportieren.',
  },
  PICTURE_UNUSUAL: {
    what: '{picture} ist {trait}; das wird abgelehnt, weil eine Umwandlung es verändern würde.',
    todo: 'Speichere es als unbewegtes PNG oder JPEG, sRGB, 8 Bit je Kanal.',
  },
  PICTURE_CRASHED: {
    what: '{picture} hat das Programm abstürzen lassen, das Bilder liest.',
    todo: 'Wahrscheinlich ist es beschädigt: Öffne es in einem Programm, speichere es neu und nimm das.',
  },
  PICTURE_SLOW: {
    what: '{picture} zu lesen dauert länger als {seconds} s.',
    todo: 'Verkleinere es, oder speichere es als einfaches JPEG.',
  },
  PICTURE_MEMORY: {
    what: '{picture} zu lesen braucht mehr Speicher, als ein Bild haben darf.',
    todo: 'Verkleinere es, oder speichere es als einfaches JPEG.',
  },
  INTAKE_BUSY: {
    what: 'Zu viele Bilder warten darauf, gelesen zu werden: {waiting}.',
    todo: 'Versuch es in einer Minute wieder.',
  },
  ANALOGY_FILE_TOO_LARGE: {
    what: 'Die Analogie-Datei hat {megabytes} MB; höchstens {limit} MB werden gelesen.',
    todo: 'Nimm eine Datei, die Likewise exportiert hat: Sie ist weit kleiner.',
  },
  ANALOGY_FILE_CUT: {
    what: 'Die Analogie-Datei ist abgeschnitten: {reason}.',
    todo: 'Lade sie noch einmal herunter, oder exportiere sie noch einmal.',
  },
  ANALOGY_FILE_HEADER: {
    what: 'Die Analogie-Datei gibt einen Kopf von {bytes} Bytes an; höchstens {limit} werden gelesen.',
    todo: 'Nimm eine .safetensors-Datei, die Likewise exportiert hat.',
  },
  ANALOGY_FILE_TEXT: {
    what: 'Der Kopf der Analogie-Datei ist kein UTF-8-Text.',
    todo: 'Nimm eine .safetensors-Datei, die Likewise exportiert hat.',
  },
  ANALOGY_FILE_JSON: {
    what: 'Der Kopf der Analogie-Datei ist nicht, wie er sein sollte: {reason}.',
    todo: 'Nimm eine .safetensors-Datei, die Likewise exportiert hat.',
  },
  ANALOGY_FILE_DUPLICATE: {
    what: 'Im Kopf der Analogie-Datei steht "{key}" zweimal.',
    todo: 'Nimm eine Datei, wie Likewise sie exportiert hat; diese wurde geändert.',
  },
  ANALOGY_FILE_OFFSETS: {
    what: 'Die Zahlen in der Analogie-Datei sind nicht, wo sie sein sollten: {reason}.',
    todo: 'Nimm eine Datei, wie Likewise sie exportiert hat; diese wurde geändert oder beschädigt.',
  },
  ANALOGY_FILE_DTYPE: {
    what: 'Die Zahlen von "{tensor}" in der Analogie-Datei sind vom Typ {dtype}, nicht F32.',
    todo: 'Wandle sie in 32-Bit-Gleitkommazahlen um, oder exportiere sie noch einmal.',
  },
  ANALOGY_FILE_SHAPE: {
    what: '"{tensor}" in der Analogie-Datei hat die Form {shape}, nicht {expected}.',
    todo: 'Nimm eine Datei, wie Likewise sie exportiert hat, für dasselbe Modell.',
  },
  ANALOGY_FILE_TENSORS: {
    what: 'Die Analogie-Datei enthält {tensors}, keine Richtung (mit a und a_prime oder ohne).',
    todo: 'Nimm eine .safetensors-Datei, die Likewise exportiert hat.',
  },
  ANALOGY_FILE_NUMBERS: {
    what: '"{tensor}" in der Analogie-Datei hat Werte, die keine endlichen Zahlen sind.',
    todo: 'Exportiere sie noch einmal; diese Datei wurde geändert oder beschädigt.',
  },
  ANALOGY_FILE_METADATA: {
    what: 'Die Analogie-Datei ist nicht verwendbar nach dem, was sie zu "{key}" sagt: {reason}.',
    todo: 'Nimm eine .safetensors-Datei, die Likewise exportiert hat.',
  },
  ANALOGY_FILE_VERSION: {
    what: 'Die Analogie-Datei hat die Formatversion {version}; hier wird Version {supported} gelesen.',
    todo: 'Exportiere sie mit dieser Version von Likewise noch einmal, oder aktualisiere diese.',
  },
  ANALOGY_OTHER_MODEL: {
    what: 'Die Analogie wurde mit dem Modell {theirs} gemacht, und dieses ist {ours}.',
    todo: 'Verwende sie mit dem Modell, das sie gemacht hat, oder mach sie aus ihren Bildern noch einmal.',
  },
  ANALOGY_NAME_INVALID: {
    what: '"{name}" kann nicht der Name einer Analogie sein: {reason}.',
    todo: 'Wähle einen anderen, etwa „mit Brille“.',
  },
  ANALOGY_NAME_TAKEN: {
    what: 'Es gibt schon eine Analogie namens {name}.',
    todo: 'Wähle einen anderen Namen, oder benenne jene um oder lösche sie.',
  },
  ANALOGY_NAMED: {
    what: 'Diese Analogie ist schon gespeichert, als {name}.',
    todo: 'Verwende sie unter diesem Namen, oder lass sie von der Person umbenennen, der sie gehört.',
  },
  ANALOGY_DESCRIPTION_INVALID: {
    what: 'Die Beschreibung ist nicht verwendbar: {reason}.',
    todo: 'Schreib sie kürzer oder einfacher.',
  },
  ANALOGY_UNKNOWN: {
    what: 'Hier gibt es keine Analogie namens {name}.',
    todo: 'Sieh in der Bibliothek nach, welche es gibt.',
  },
  ANALOGY_NOT_YOURS: {
    what: 'Die Analogie {name} gehört jemand anderem.',
    todo: 'Frag, wem sie gehört, oder die Moderation; oder speichere eine eigene.',
  },
  ANALOGY_DAMAGED: {
    what: 'Die Analogie {name} ist beschädigt, wo sie aufbewahrt wird.',
    todo: 'Lösche sie, und speichere oder importiere sie noch einmal.',
  },
  LIBRARY_FULL: {
    what: 'Die Bibliothek ist voll: höchstens {most} Analogien ({whose}).',
    todo: 'Lösche eine, die nicht mehr gebraucht wird.',
  },
  INPUT_INVALID: {
    what: '{field} ist so nicht verwendbar: {reason}.',
    todo: 'Verbessere es und versuch es noch einmal.',
  },
  COMMAND_UNKNOWN: {
    what: 'Es gibt keinen Befehl oder Knopf namens {name}.',
    todo: 'Mit „help“ siehst du, was es gibt.',
  },
  COMMANDS_OFF: {
    what: 'Likewise ist hier ausgeschaltet.',
    todo: 'Bitte jemanden von der Administration, es in den Einstellungen einzuschalten.',
  },
  AGE_RESTRICTED: {
    what: 'Das kann hier nur dort benutzt werden, wo nur Erwachsene Zutritt haben.',
    todo: 'Benutze es in einem Kanal mit Altersbeschränkung.',
  },
  ROLE_MISSING: {
    what: 'Nur bestimmte Rollen dürfen das hier benutzen.',
    todo: 'Bitte die Administration um eine dieser Rollen.',
  },
  ADMINS_ONLY: {
    what: 'Nur die Administration darf die Einstellungen ändern.',
    todo: 'Bitte jemanden von dort.',
  },
  JOB_NOT_YOURS: {
    what: 'Das hat jemand anderes begonnen.',
    todo: 'Frag, wer es war, oder die Moderation.',
  },
  JOB_NOT_DONE: {
    what: 'Es gibt noch kein Ergebnis; Stand des Auftrags: {state}.',
    todo: 'Warte, bis er fertig ist, oder starte ihn noch einmal.',
  },
  JOBS_NONE: {
    what: 'Du hast hier noch kein Ergebnis.',
    todo: 'Mach zuerst eine Analogie, oder sag, welches Ergebnis gemeint ist.',
  },
  RESULT_EXPIRED: {
    what: 'Ergebnisse lassen sich hier {days} Tage lang öffnen, und dieses ist älter.',
    todo: 'Mach es noch einmal.',
  },
  QUOTA_USED: {
    what: 'Du hast aufgebraucht, was du heute machen darfst: {count} von {limit}.',
    todo: 'Versuch es in {retrySeconds} s wieder, wenn der nächste Tag beginnt.',
  },
  FETCH_FORBIDDEN: {
    what: '{picture} darf nicht gelesen werden: Der App fehlt die Berechtigung {permission}.',
    todo: 'Bitte die Administration, sie neu zu installieren.',
  },
  FETCH_FAILED: {
    what: '{picture} ließ sich nicht von dort holen, wo es gepostet wurde.',
    todo: 'Sende es noch einmal.',
  },
};
