<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en_US">
<context>
    <name>AlertTexts</name>
    <message numerus="yes">
        <source>%n application(s) well again</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) not well at present</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) went quiet</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Polling %n application(s) fails</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pushes of %n application(s) are refused</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) in trouble</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>application and its state or error</comment>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>AppTexts</name>
    <message>
        <source>fresh</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>late</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stale</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>rejected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>failing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>expired</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It updates its metrics as it always did.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It has missed its own rhythm: no update for three of its intervals.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update for longer than the daemon is configured to take for normal.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its last push was refused; the metrics before it are still exposed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last poll of it failed; the metrics before it are still exposed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update for so long that its metrics are no longer exposed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Application</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Interval</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>History</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Daemon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How it stands with the application, as its daemon judges it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The name that the application sends its metrics under</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the metrics come in: an address or a socket, or the endpoint that is polled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How long ago the last metrics came</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The application&apos;s rhythm: usual time between two updates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size of the metrics text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of samples in the metrics text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates taken since the daemon was started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pushes refused, or polls failed, since the daemon was started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last updates on an axis of time that ends now: a missed rhythm is a gap</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The daemon that told of the application</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>poll</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>push</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h %2 m</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 m %2 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 m</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>≈ %1 ms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>≈ %1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>≈ %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ClientMetrics</name>
    <message>
        <source>this daemon is no longer watched</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DaemonAddress</name>
    <message>
        <source>no address is given</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 is not an address: host, host:port or a URL</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a daemon is asked by http or https, not by %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 names no host</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no user and password in the address: they are asked for when they are needed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0 is no port</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ExporterProxy::AppFilter</name>
    <message>
        <source>%1 (at character %2)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ExporterProxy::AppTableModel</name>
    <message>
        <source>never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last error: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last error, %1: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The daemon does not answer; this is what it said last.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its rhythm is not known yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, outdated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No update seen yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n update(s) in the last %1</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::DetailsPane</name>
    <message>
        <source>Show or hide the details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No application selected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 (the daemon does not answer)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not fetched: %1. This is the text of before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not fetched: %1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetching the metrics …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first %1 of %2 are shown.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first %1 are shown; the text goes on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%1 in %n line(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::FactsView</name>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Application</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Daemon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Age</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last update</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Interval</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Facts about the application</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 (%2 bytes)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no update yet</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ExporterProxy::MetricsPanel</name>
    <message>
        <source>Match &amp;case</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous match (Shift+F3)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next match (F3)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fetch the metrics again (F5)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find in the metrics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>F&amp;old all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the first line of each family only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Unfold all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy a&amp;ll</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the whole text that is shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>the third match of 17</comment>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ExporterProxy::MetricsView</name>
    <message>
        <source>Metrics text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy a&amp;ll</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Select all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Fold all families</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Unfold all families</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>… %1 more in this line</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>⋯ %n sample(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Notifier</name>
    <message>
        <source>%1: %2</source>
        <comment>what happened, and to which applications</comment>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
