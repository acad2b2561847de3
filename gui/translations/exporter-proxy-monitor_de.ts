<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en_US">
<context>
    <name>AlertTexts</name>
    <message numerus="yes">
        <source>%n application(s) well again</source>
        <translation>
            <numerusform>%n Anwendung ist wieder in Ordnung</numerusform>
            <numerusform>%n Anwendungen sind wieder in Ordnung</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) not well at present</source>
        <translation>
            <numerusform>%n Anwendung ist zurzeit nicht in Ordnung</numerusform>
            <numerusform>%n Anwendungen sind zurzeit nicht in Ordnung</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) went quiet</source>
        <translation>
            <numerusform>%n Anwendung ist verstummt</numerusform>
            <numerusform>%n Anwendungen sind verstummt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Polling %n application(s) fails</source>
        <translation>
            <numerusform>Die Abfrage von %n Anwendung schlägt fehl</numerusform>
            <numerusform>Die Abfrage von %n Anwendungen schlägt fehl</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pushes of %n application(s) are refused</source>
        <translation>
            <numerusform>Sendungen von %n Anwendung werden abgelehnt</numerusform>
            <numerusform>Sendungen von %n Anwendungen werden abgelehnt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) in trouble</source>
        <translation>
            <numerusform>%n Anwendung hat Schwierigkeiten</numerusform>
            <numerusform>%n Anwendungen haben Schwierigkeiten</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>application and its state or error</comment>
        <translation>%1: %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 und %n weitere</numerusform>
            <numerusform>%1 und %n weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n daemon(s) do not answer</source>
        <translation>
            <numerusform>%n Dienst antwortet nicht</numerusform>
            <numerusform>%n Dienste antworten nicht</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n daemon(s) answer again</source>
        <translation>
            <numerusform>%n Dienst antwortet wieder</numerusform>
            <numerusform>%n Dienste antworten wieder</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) in a state that is not known here</source>
        <translation>
            <numerusform>%n Anwendung in einem Zustand, der hier nicht bekannt ist</numerusform>
            <numerusform>%n Anwendungen in einem Zustand, der hier nicht bekannt ist</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>AppColumn</name>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>How it stands with the application, as its daemon judges it</source>
        <translation>Wie es um die Anwendung steht, nach dem Urteil ihres Dienstes</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>Anwendung</translation>
    </message>
    <message>
        <source>The name that the application sends its metrics under</source>
        <translation>Der Name, unter dem die Anwendung ihre Metriken sendet</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Where the metrics come in: an address or a socket, or the endpoint that is polled</source>
        <translation>Wo die Metriken ankommen: eine Adresse oder ein Socket, oder der abgefragte Endpunkt</translation>
    </message>
    <message>
        <source>Last update</source>
        <translation>Letzte Meldung</translation>
    </message>
    <message>
        <source>How long ago the last metrics came</source>
        <translation>Wie lange die letzten Metriken her sind</translation>
    </message>
    <message>
        <source>Interval</source>
        <translation>Abstand</translation>
    </message>
    <message>
        <source>The application&apos;s rhythm: usual time between two updates</source>
        <translation>Der Rhythmus der Anwendung: die übliche Zeit zwischen zwei Meldungen</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Size of the metrics text</source>
        <translation>Größe des Metriktextes</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>Reihen</translation>
    </message>
    <message>
        <source>Number of samples in the metrics text</source>
        <translation>Anzahl der Messwerte im Metriktext</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Meldungen</translation>
    </message>
    <message>
        <source>Updates taken since the daemon was started</source>
        <translation>Angenommene Meldungen seit dem Start des Dienstes</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Pushes refused, or polls failed, since the daemon was started</source>
        <translation>Abgelehnte Sendungen oder fehlgeschlagene Abfragen seit dem Start des Dienstes</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>The last updates on an axis of time that ends now: a missed rhythm is a gap</source>
        <translation>Die letzten Meldungen auf einer Zeitachse, die jetzt endet: ein verfehlter Rhythmus ist eine Lücke</translation>
    </message>
    <message>
        <source>Daemon</source>
        <translation>Dienst</translation>
    </message>
    <message>
        <source>The daemon that told of the application</source>
        <translation>Der Dienst, der von der Anwendung berichtet</translation>
    </message>
</context>
<context>
    <name>AppExport</name>
    <message>
        <source>Cannot write %1: %2</source>
        <extracomment>%1: a file, %2: why</extracomment>
        <translation>%1 lässt sich nicht schreiben: %2</translation>
    </message>
</context>
<context>
    <name>AppTexts</name>
    <message>
        <source>fresh</source>
        <translation>aktuell</translation>
    </message>
    <message>
        <source>late</source>
        <translation>verspätet</translation>
    </message>
    <message>
        <source>stale</source>
        <translation>veraltet</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>failing</source>
        <translation>gestört</translation>
    </message>
    <message>
        <source>expired</source>
        <translation>abgelaufen</translation>
    </message>
    <message>
        <source>It updates its metrics as it always did.</source>
        <translation>Sie erneuert ihre Metriken wie gewohnt.</translation>
    </message>
    <message>
        <source>It has missed its own rhythm: no update for three of its intervals.</source>
        <translation>Sie hat ihren eigenen Rhythmus verfehlt: keine Meldung seit drei ihrer Abstände.</translation>
    </message>
    <message>
        <source>No update for longer than the daemon is configured to take for normal.</source>
        <translation>Keine Meldung seit längerer Zeit, als der Dienst laut Konfiguration für normal hält.</translation>
    </message>
    <message>
        <source>Its last push was refused; the metrics before it are still exposed.</source>
        <translation>Ihre letzte Sendung wurde abgelehnt; die Metriken davor werden weiter ausgegeben.</translation>
    </message>
    <message>
        <source>The last poll of it failed; the metrics before it are still exposed.</source>
        <translation>Ihre letzte Abfrage schlug fehl; die Metriken davor werden weiter ausgegeben.</translation>
    </message>
    <message>
        <source>No update for so long that its metrics are no longer exposed.</source>
        <translation>Keine Meldung seit so langer Zeit, dass ihre Metriken nicht mehr ausgegeben werden.</translation>
    </message>
    <message>
        <source>poll</source>
        <translation>Abfrage</translation>
    </message>
    <message>
        <source>push</source>
        <translation>Sendung</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation>%1 T %2 h</translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation>%1 T</translation>
    </message>
    <message>
        <source>%1 h %2 m</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 h</translation>
    </message>
    <message>
        <source>%1 m %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 m</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>%1 ago</source>
        <translation>vor %1</translation>
    </message>
    <message>
        <source>≈ %1 ms</source>
        <translation>≈ %1 ms</translation>
    </message>
    <message>
        <source>≈ %1 s</source>
        <translation>≈ %1 s</translation>
    </message>
    <message>
        <source>≈ %1</source>
        <translation>≈ %1</translation>
    </message>
    <message>
        <source>other</source>
        <comment>states</comment>
        <translation>andere</translation>
    </message>
    <message>
        <source>A state that this version of the monitor does not know.</source>
        <translation>Ein Zustand, den diese Version des Monitors nicht kennt.</translation>
    </message>
</context>
<context>
    <name>ClientMetrics</name>
    <message>
        <source>this daemon is no longer watched</source>
        <translation>dieser Dienst wird nicht mehr beobachtet</translation>
    </message>
</context>
<context>
    <name>DaemonAddress</name>
    <message>
        <source>no address is given</source>
        <translation>es ist keine Adresse angegeben</translation>
    </message>
    <message>
        <source>%1 is not an address: host, host:port or a URL</source>
        <translation>%1 ist keine Adresse: Rechner, Rechner:Port oder eine URL</translation>
    </message>
    <message>
        <source>a daemon is asked by http or https, not by %1</source>
        <translation>ein Dienst wird über http oder https gefragt, nicht über %1</translation>
    </message>
    <message>
        <source>%1 names no host</source>
        <translation>%1 nennt keinen Rechner</translation>
    </message>
    <message>
        <source>no user and password in the address: they are asked for when they are needed</source>
        <translation>kein Benutzername und Passwort in der Adresse: danach wird gefragt, wenn sie gebraucht werden</translation>
    </message>
    <message>
        <source>0 is no port</source>
        <translation>0 ist kein Port</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::AppFilter</name>
    <message>
        <source>%1 (at character %2)</source>
        <translation>%1 (beim Zeichen %2)</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::AppTableModel</name>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>Last error: %1</source>
        <translation>Letzter Fehler: %1</translation>
    </message>
    <message>
        <source>Last error, %1: %2</source>
        <translation>Letzter Fehler, %1: %2</translation>
    </message>
    <message>
        <source>The daemon does not answer; this is what it said last.</source>
        <translation>Der Dienst antwortet nicht; dies hat er zuletzt gesagt.</translation>
    </message>
    <message>
        <source>No update yet</source>
        <translation>Noch keine Meldung</translation>
    </message>
    <message>
        <source>Its rhythm is not known yet</source>
        <translation>Ihr Rhythmus ist noch nicht bekannt</translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation>%1 Bytes</translation>
    </message>
    <message>
        <source>%1, outdated</source>
        <translation>%1, nicht mehr aktuell</translation>
    </message>
    <message>
        <source>No update seen yet</source>
        <translation>Noch keine Meldung gesehen</translation>
    </message>
    <message numerus="yes">
        <source>%n update(s) in the last %1</source>
        <translation>
            <numerusform>%n Meldung in den letzten %1</numerusform>
            <numerusform>%n Meldungen in den letzten %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more conflict(s)</source>
        <translation>
            <numerusform>und %n weiterer Konflikt</numerusform>
            <numerusform>und %n weitere Konflikte</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, with conflicts</source>
        <translation>%1, mit Konflikten</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::AppsView</name>
    <message>
        <source>Applications</source>
        <translation>Anwendungen</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>&amp;Fit All Columns to Their Contents</source>
        <translation>Alle Spalten an den Inhalt &amp;anpassen</translation>
    </message>
    <message>
        <source>&amp;Reset Columns</source>
        <translation>Spalten &amp;zurücksetzen</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::ConnectionBar</name>
    <message>
        <source>No daemon is watched</source>
        <translation>Es wird kein Dienst beobachtet</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>&amp;Erneuern</translation>
    </message>
    <message>
        <source>Add daemon…</source>
        <translation>Dienst hinzufügen…</translation>
    </message>
    <message>
        <source>Watch another daemon (%1)</source>
        <translation>Einen weiteren Dienst beobachten (%1)</translation>
    </message>
    <message>
        <source>A&amp;ddress:</source>
        <translation>A&amp;dresse:</translation>
    </message>
    <message>
        <source>&amp;Watch</source>
        <translation>&amp;Beobachten</translation>
    </message>
    <message>
        <source>F&amp;orget</source>
        <translation>&amp;Vergessen</translation>
    </message>
    <message>
        <source>Takes the address off the list of those known</source>
        <translation>Nimmt die Adresse aus der Liste der bekannten</translation>
    </message>
    <message>
        <source>Every %1</source>
        <extracomment>%1: a duration, &quot;5 s&quot;</extracomment>
        <translation>Alle %1</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>How often the daemons are asked</source>
        <translation>Wie oft die Dienste gefragt werden</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::DaemonClient</name>
    <message numerus="yes">
        <source>timed out: no whole answer within %n second(s)</source>
        <translation>
            <numerusform>Zeit überschritten: keine vollständige Antwort in %n Sekunde</numerusform>
            <numerusform>Zeit überschritten: keine vollständige Antwort in %n Sekunden</numerusform>
        </translation>
    </message>
    <message>
        <source>not an exporter-proxy: the answer is encoded in a way that was not asked for</source>
        <translation>kein exporter-proxy: die Antwort ist auf eine Weise kodiert, um die nicht gebeten wurde</translation>
    </message>
    <message numerus="yes">
        <source>not an exporter-proxy: the answer is larger than %n MiB</source>
        <translation>
            <numerusform>kein exporter-proxy: die Antwort ist größer als %n MiB</numerusform>
            <numerusform>kein exporter-proxy: die Antwort ist größer als %n MiB</numerusform>
        </translation>
    </message>
    <message>
        <source>the compressed answer is damaged</source>
        <translation>die komprimierte Antwort ist beschädigt</translation>
    </message>
    <message>
        <source>401: it wants a kind of authentication that the monitor does not have</source>
        <translation>401: er verlangt eine Anmeldung, die der Monitor nicht beherrscht</translation>
    </message>
    <message>
        <source>401: it wants a user name and password</source>
        <translation>401: er verlangt Benutzernamen und Passwort</translation>
    </message>
    <message>
        <source>401: user name or password are wrong</source>
        <translation>401: Benutzername oder Passwort ist falsch</translation>
    </message>
    <message>
        <source>not an exporter-proxy: %1</source>
        <translation>kein exporter-proxy: %1</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::DaemonStrip</name>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>trying again…</source>
        <translation>neuer Versuch…</translation>
    </message>
    <message>
        <source>connecting…</source>
        <translation>verbinde…</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>verbunden</translation>
    </message>
    <message>
        <source>trying again in %1</source>
        <translation>neuer Versuch in %1</translation>
    </message>
    <message>
        <source> · last answer %1</source>
        <translation> · letzte Antwort %1</translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>Jetzt versuchen</translation>
    </message>
    <message>
        <source>Stop watching %1</source>
        <extracomment>%1: the address of a daemon</extracomment>
        <translation>%1 nicht mehr beobachten</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Benutzername</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>This daemon wants a user name and a password.</source>
        <translation>Dieser Dienst verlangt Benutzernamen und Passwort.</translation>
    </message>
    <message>
        <source>“%1” wants a user name and a password.</source>
        <translation>„%1“ verlangt Benutzernamen und Passwort.</translation>
    </message>
    <message>
        <source>They will travel unencrypted.</source>
        <translation>Sie werden unverschlüsselt übertragen.</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::DetailsPane</name>
    <message>
        <source>Show or hide the details</source>
        <translation>Einzelheiten zeigen oder verbergen</translation>
    </message>
    <message>
        <source>No application selected</source>
        <translation>Keine Anwendung ausgewählt</translation>
    </message>
    <message>
        <source>%1 (the daemon does not answer)</source>
        <translation>%1 (der Dienst antwortet nicht)</translation>
    </message>
    <message>
        <source>Not fetched: %1. This is the text of before.</source>
        <translation>Nicht geholt: %1. Dies ist der Text von vorher.</translation>
    </message>
    <message>
        <source>Not fetched: %1.</source>
        <translation>Nicht geholt: %1.</translation>
    </message>
    <message>
        <source>Fetching the metrics …</source>
        <translation>Hole die Metriken …</translation>
    </message>
    <message>
        <source>The first %1 of %2 are shown.</source>
        <translation>Gezeigt werden die ersten %1 von %2.</translation>
    </message>
    <message>
        <source>The first %1 are shown; the text goes on.</source>
        <translation>Gezeigt werden die ersten %1; der Text geht weiter.</translation>
    </message>
    <message numerus="yes">
        <source>%1 in %n line(s)</source>
        <translation>
            <numerusform>%1 in %n Zeile</numerusform>
            <numerusform>%1 in %n Zeilen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::EmptyPage</name>
    <message>
        <source>Nothing matches the filter</source>
        <translation>Nichts entspricht dem Filter</translation>
    </message>
    <message>
        <source>There is 1 application, and it is filtered out.</source>
        <translation>Es gibt 1 Anwendung, und der Filter verbirgt sie.</translation>
    </message>
    <message>
        <source>There are %1 applications, and all are filtered out.</source>
        <translation>Es gibt %1 Anwendungen, und der Filter verbirgt sie alle.</translation>
    </message>
    <message>
        <source>Clear the Filter</source>
        <translation>Filter leeren</translation>
    </message>
    <message>
        <source>Cannot reach %1</source>
        <translation>%1 ist nicht zu erreichen</translation>
    </message>
    <message>
        <source>Is the daemon running? What it listens on is exporter.scrape_expose_endpoint in its configuration; a firewall in between must let that port through.</source>
        <translation>Läuft der Dienst? Worauf er hört, steht in seiner Konfiguration unter exporter.scrape_expose_endpoint; eine Firewall dazwischen muss diesen Port durchlassen.</translation>
    </message>
    <message>
        <source>Try Now</source>
        <translation>Jetzt versuchen</translation>
    </message>
    <message>
        <source>No daemon is watched</source>
        <translation>Es wird kein Dienst beobachtet</translation>
    </message>
    <message>
        <source>Enter the address of an exporter-proxy above.</source>
        <translation>Geben Sie oben die Adresse eines exporter-proxy ein.</translation>
    </message>
    <message>
        <source>No applications yet</source>
        <translation>Noch keine Anwendungen</translation>
    </message>
    <message>
        <source>The daemon answers, and nothing has reported to it. This pushes a metric, on the daemon’s host with its default settings:</source>
        <translation>Der Dienst antwortet, und noch hat ihm nichts gemeldet. Dies sendet eine Metrik, auf dem Rechner des Dienstes mit seinen Voreinstellungen:</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Verbinde…</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::FactsView</name>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>Anwendung</translation>
    </message>
    <message>
        <source>Daemon</source>
        <translation>Dienst</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Last update</source>
        <translation>Letzte Meldung</translation>
    </message>
    <message>
        <source>Interval</source>
        <translation>Abstand</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>Reihen</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Meldungen</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Last error</source>
        <translation>Letzter Fehler</translation>
    </message>
    <message>
        <source>Error at</source>
        <translation>Fehler um</translation>
    </message>
    <message>
        <source>Facts about the application</source>
        <translation>Angaben zur Anwendung</translation>
    </message>
    <message>
        <source>%1 (%2 bytes)</source>
        <translation>%1 (%2 Bytes)</translation>
    </message>
    <message>
        <source>no update yet</source>
        <translation>noch keine Meldung</translation>
    </message>
    <message>
        <source>Conflicts</source>
        <translation>Konflikte</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::FilterBar</name>
    <message>
        <source>Name, source or error</source>
        <translation>Name, Quelle oder Fehler</translation>
    </message>
    <message>
        <source>&amp;Filter:</source>
        <translation>&amp;Filter:</translation>
    </message>
    <message>
        <source>.*</source>
        <extracomment>A button that makes the filter a regular expression</extracomment>
        <translation>.*</translation>
    </message>
    <message>
        <source>The filter is a regular expression (%1)</source>
        <translation>Der Filter ist ein regulärer Ausdruck (%1)</translation>
    </message>
    <message>
        <source>Regular expression</source>
        <translation>Regulärer Ausdruck</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <extracomment>How many rows are shown: &quot;12 of 340&quot;</extracomment>
        <translation>%1 von %2</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::MainWindow</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Add Daemon…</source>
        <translation>Dienst &amp;hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Refresh Now</source>
        <translation>Jetzt &amp;erneuern</translation>
    </message>
    <message>
        <source>&amp;Export as CSV…</source>
        <translation>Als &amp;CSV ausgeben…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation>&amp;Filter</translation>
    </message>
    <message>
        <source>C&amp;lear Filter</source>
        <translation>Filter &amp;leeren</translation>
    </message>
    <message>
        <source>Select &amp;All</source>
        <translation>&amp;Alles auswählen</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Columns</source>
        <translation>&amp;Spalten</translation>
    </message>
    <message>
        <source>&amp;Details</source>
        <translation>&amp;Einzelheiten</translation>
    </message>
    <message>
        <source>&amp;Find in Metrics</source>
        <translation>In den &amp;Metriken suchen</translation>
    </message>
    <message>
        <source>&amp;Notifications</source>
        <translation>&amp;Benachrichtigungen</translation>
    </message>
    <message>
        <source>&amp;Show Window</source>
        <translation>Fenster &amp;zeigen</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Keyboard Shortcuts</source>
        <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation>&amp;Über</translation>
    </message>
    <message>
        <source>About &amp;Qt</source>
        <translation>Über &amp;Qt</translation>
    </message>
    <message>
        <source>Export as CSV</source>
        <translation>Als CSV ausgeben</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>CSV-Dateien (*.csv)</translation>
    </message>
    <message>
        <source>Keyboard Shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Clear the filter’s text, back to the table</source>
        <translation>Den Text des Filters löschen, zurück zur Tabelle</translation>
    </message>
    <message>
        <source>The filter is a regular expression</source>
        <translation>Der Filter ist ein regulärer Ausdruck</translation>
    </message>
    <message>
        <source>%1 … %2</source>
        <extracomment>Keys: Alt+1 to Alt+8</extracomment>
        <translation>%1 … %2</translation>
    </message>
    <message>
        <source>Show only these states</source>
        <translation>Nur diese Zustände zeigen</translation>
    </message>
    <message>
        <source>Letters</source>
        <translation>Buchstaben</translation>
    </message>
    <message>
        <source>In the table: the next name that begins so</source>
        <translation>In der Tabelle: der nächste Name, der so beginnt</translation>
    </message>
    <message>
        <source>About exporter-proxy monitor</source>
        <translation>Über exporter-proxy monitor</translation>
    </message>
    <message>
        <source>&lt;b&gt;exporter-proxy monitor %1&lt;/b&gt;&lt;p&gt;See at a glance which application went quiet, since when and why.&lt;/p&gt;&lt;p&gt;Free software under the GNU General Public License, version 3 or later. There is no warranty.&lt;/p&gt;</source>
        <translation>&lt;b&gt;exporter-proxy monitor %1&lt;/b&gt;&lt;p&gt;Auf einen Blick sehen, welche Anwendung verstummt ist, seit wann und warum.&lt;/p&gt;&lt;p&gt;Freie Software unter der GNU General Public License, Version 3 oder später. Ohne jede Gewährleistung.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>exporter-proxy monitor</source>
        <extracomment>The window&apos;s title; %1: what is wrong, &quot;1 failing, 2 late&quot;</extracomment>
        <translation>exporter-proxy monitor</translation>
    </message>
    <message>
        <source>%1 – exporter-proxy monitor</source>
        <translation>%1 – exporter-proxy monitor</translation>
    </message>
    <message>
        <source>Wrote %1 rows to %2</source>
        <translation>%1 Zeilen nach %2 geschrieben</translation>
    </message>
    <message>
        <source>&amp;Notify of Trouble</source>
        <translation>Bei Schwierigkeiten &amp;benachrichtigen</translation>
    </message>
    <message>
        <source>Notify of &amp;Recovery</source>
        <translation>Bei &amp;Erholung benachrichtigen</translation>
    </message>
    <message>
        <source>Icon in the &amp;Tray</source>
        <translation>Symbol in der &amp;Leiste</translation>
    </message>
    <message>
        <source>&amp;Worst State on the Icon</source>
        <translation>&amp;Schlimmster Zustand auf dem Symbol</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::MetricsFetch</name>
    <message numerus="yes">
        <source>no whole answer within %n second(s)</source>
        <translation>
            <numerusform>keine vollständige Antwort in %n Sekunde</numerusform>
            <numerusform>keine vollständige Antwort in %n Sekunden</numerusform>
        </translation>
    </message>
    <message>
        <source>the daemon does not know this application, or is too old to show its metrics</source>
        <translation>der Dienst kennt diese Anwendung nicht, oder er ist zu alt, um ihre Metriken zu zeigen</translation>
    </message>
    <message>
        <source>the daemon wants a user name and password</source>
        <translation>der Dienst verlangt Benutzernamen und Passwort</translation>
    </message>
    <message>
        <source>the answer is compressed, which was not asked for</source>
        <translation>die Antwort ist komprimiert, worum nicht gebeten wurde</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::MetricsPanel</name>
    <message>
        <source>Match &amp;case</source>
        <translation>&amp;Groß-/Kleinschreibung</translation>
    </message>
    <message>
        <source>Previous match (Shift+F3)</source>
        <translation>Vorige Fundstelle (Umschalt+F3)</translation>
    </message>
    <message>
        <source>Next match (F3)</source>
        <translation>Nächste Fundstelle (F3)</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>&amp;Erneuern</translation>
    </message>
    <message>
        <source>Fetch the metrics again (F5)</source>
        <translation>Die Metriken noch einmal holen (F5)</translation>
    </message>
    <message>
        <source>Find in the metrics</source>
        <translation>In den Metriken suchen</translation>
    </message>
    <message>
        <source>F&amp;old all</source>
        <translation>Alle &amp;falten</translation>
    </message>
    <message>
        <source>Show the first line of each family only</source>
        <translation>Von jeder Familie nur die erste Zeile zeigen</translation>
    </message>
    <message>
        <source>&amp;Unfold all</source>
        <translation>Alle &amp;entfalten</translation>
    </message>
    <message>
        <source>Show all samples</source>
        <translation>Alle Messwerte zeigen</translation>
    </message>
    <message>
        <source>Copy a&amp;ll</source>
        <translation>A&amp;lles kopieren</translation>
    </message>
    <message>
        <source>Copy the whole text that is shown</source>
        <translation>Den ganzen gezeigten Text kopieren</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>nicht gefunden</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>the third match of 17</comment>
        <translation>%1 von %2</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::MetricsView</name>
    <message>
        <source>Metrics text</source>
        <translation>Metriktext</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Copy a&amp;ll</source>
        <translation>A&amp;lles kopieren</translation>
    </message>
    <message>
        <source>&amp;Select all</source>
        <translation>Alles &amp;auswählen</translation>
    </message>
    <message>
        <source>&amp;Fold all families</source>
        <translation>Alle Familien &amp;falten</translation>
    </message>
    <message>
        <source>&amp;Unfold all families</source>
        <translation>Alle Familien &amp;entfalten</translation>
    </message>
    <message>
        <source>… %1 more in this line</source>
        <translation>… noch %1 in dieser Zeile</translation>
    </message>
    <message numerus="yes">
        <source>⋯ %n sample(s)</source>
        <translation>
            <numerusform>⋯ %n Messwert</numerusform>
            <numerusform>⋯ %n Messwerte</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::Notifier</name>
    <message>
        <source>%1: %2</source>
        <comment>what happened, and to which applications</comment>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::RowActions</name>
    <message>
        <source>Copy &amp;Name</source>
        <translation>&amp;Namen kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;Row</source>
        <translation>&amp;Zeile kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;Metrics</source>
        <translation>&amp;Metriken kopieren</translation>
    </message>
    <message>
        <source>&amp;Open Metrics in Browser</source>
        <translation>Metriken im Browser &amp;öffnen</translation>
    </message>
    <message>
        <source>Open &amp;Daemon’s Page in Browser</source>
        <translation>Seite des &amp;Dienstes im Browser öffnen</translation>
    </message>
    <message>
        <source>Copied the name</source>
        <translation>Namen kopiert</translation>
    </message>
    <message>
        <source>Copied %1 names</source>
        <translation>%1 Namen kopiert</translation>
    </message>
    <message>
        <source>Copied the row</source>
        <translation>Zeile kopiert</translation>
    </message>
    <message>
        <source>Copied %1 rows</source>
        <translation>%1 Zeilen kopiert</translation>
    </message>
    <message>
        <source>Fetching the metrics of %1…</source>
        <translation>Hole die Metriken von %1…</translation>
    </message>
    <message>
        <source>Cannot fetch the metrics of %1: %2</source>
        <translation>Die Metriken von %1 lassen sich nicht holen: %2</translation>
    </message>
    <message>
        <source>Copied the first %1 of the metrics of %2; there are more</source>
        <translation>Die ersten %1 der Metriken von %2 kopiert; es gibt mehr</translation>
    </message>
    <message>
        <source>Copied the metrics of %2, %1</source>
        <translation>Metriken von %2 kopiert, %1</translation>
    </message>
    <message>
        <source>No browser could be started</source>
        <translation>Es ließ sich kein Browser starten</translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::StateChips</name>
    <message>
        <source>Everything that is not fresh.</source>
        <translation>Alles, was nicht aktuell ist.</translation>
    </message>
    <message>
        <source>%1 Show only these (%2).</source>
        <extracomment>%1: what the button shows, a sentence; %2: its keys</extracomment>
        <translation>%1 Nur diese zeigen (%2).</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>state chip</comment>
        <extracomment>A state and how many applications are in it: &quot;late 12&quot;</extracomment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>problems %1</source>
        <translation>Probleme %1</translation>
    </message>
</context>
<context>
    <name>ReplyFault</name>
    <message>
        <source>certificate: self-signed, of %1; this computer does not trust it</source>
        <translation>Zertifikat: selbst signiert, von %1; dieser Rechner vertraut ihm nicht</translation>
    </message>
    <message>
        <source>certificate: of %1, signed by an authority that this computer does not trust</source>
        <translation>Zertifikat: von %1, signiert von einer Stelle, der dieser Rechner nicht vertraut</translation>
    </message>
    <message>
        <source>certificate: of %1, expired on %2</source>
        <translation>Zertifikat: von %1, abgelaufen am %2</translation>
    </message>
    <message>
        <source>certificate: of %1, not valid before %2</source>
        <translation>Zertifikat: von %1, nicht gültig vor dem %2</translation>
    </message>
    <message>
        <source>certificate: made for %1, not for %2</source>
        <translation>Zertifikat: ausgestellt für %1, nicht für %2</translation>
    </message>
    <message>
        <source>certificate: of %1: %2</source>
        <translation>Zertifikat: von %1: %2</translation>
    </message>
    <message>
        <source>connection refused: nothing listens on this port</source>
        <translation>Verbindung abgelehnt: auf diesem Port hört nichts</translation>
    </message>
    <message>
        <source>it closed the connection without a whole answer</source>
        <translation>er schloss die Verbindung ohne vollständige Antwort</translation>
    </message>
    <message>
        <source>host not found: %1</source>
        <translation>Rechner nicht gefunden: %1</translation>
    </message>
    <message>
        <source>timed out: the host does not answer</source>
        <translation>Zeit überschritten: der Rechner antwortet nicht</translation>
    </message>
    <message>
        <source>no TLS connection: %1</source>
        <translation>keine TLS-Verbindung: %1</translation>
    </message>
    <message>
        <source>the network is down</source>
        <translation>es besteht keine Netzverbindung</translation>
    </message>
    <message>
        <source>it does not answer in HTTP</source>
        <translation>er antwortet nicht in HTTP</translation>
    </message>
    <message>
        <source>%1: it sends us on to %2</source>
        <translation>%1: er verweist auf %2</translation>
    </message>
    <message>
        <source>it answers with status %1</source>
        <translation>er antwortet mit Status %1</translation>
    </message>
    <message>
        <source>it answers with status %1 %2</source>
        <translation>er antwortet mit Status %1 %2</translation>
    </message>
</context>
<context>
    <name>StateCounts</name>
    <message>
        <source>%1 %2</source>
        <extracomment>A number and a state: &quot;2 late&quot;</extracomment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>1 daemon does not answer</source>
        <translation>1 Dienst antwortet nicht</translation>
    </message>
    <message>
        <source>%1 daemons do not answer</source>
        <translation>%1 Dienste antworten nicht</translation>
    </message>
    <message>
        <source>all fresh</source>
        <translation>alle aktuell</translation>
    </message>
    <message>
        <source>1 application</source>
        <translation>1 Anwendung</translation>
    </message>
    <message>
        <source>%1 applications</source>
        <translation>%1 Anwendungen</translation>
    </message>
</context>
</TS>
