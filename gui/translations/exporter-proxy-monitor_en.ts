<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>AlertTexts</name>
    <message numerus="yes">
        <source>%n application(s) well again</source>
        <translation>
            <numerusform>%n application well again</numerusform>
            <numerusform>%n applications well again</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) not well at present</source>
        <translation>
            <numerusform>%n application not well at present</numerusform>
            <numerusform>%n applications not well at present</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) went quiet</source>
        <translation>
            <numerusform>%n application went quiet</numerusform>
            <numerusform>%n applications went quiet</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Polling %n application(s) fails</source>
        <translation>
            <numerusform>Polling %n application fails</numerusform>
            <numerusform>Polling %n applications fails</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pushes of %n application(s) are refused</source>
        <translation>
            <numerusform>Pushes of %n application are refused</numerusform>
            <numerusform>Pushes of %n applications are refused</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) in trouble</source>
        <translation>
            <numerusform>%n application in trouble</numerusform>
            <numerusform>%n applications in trouble</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n daemon(s) do not answer</source>
        <translation>
            <numerusform>%n daemon does not answer</numerusform>
            <numerusform>%n daemons do not answer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n daemon(s) answer again</source>
        <translation>
            <numerusform>%n daemon answers again</numerusform>
            <numerusform>%n daemons answer again</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) in a state that is not known here</source>
        <translation>
            <numerusform>%n application in a state that is not known here</numerusform>
            <numerusform>%n applications in a state that is not known here</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::AppTableModel</name>
    <message numerus="yes">
        <source>%n update(s) in the last %1</source>
        <translation>
            <numerusform>%n update in the last %1</numerusform>
            <numerusform>%n updates in the last %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more conflict(s)</source>
        <translation>
            <numerusform>and %n more conflict</numerusform>
            <numerusform>and %n more conflicts</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::DaemonClient</name>
    <message numerus="yes">
        <source>timed out: no whole answer within %n second(s)</source>
        <translation>
            <numerusform>timed out: no whole answer within %n second</numerusform>
            <numerusform>timed out: no whole answer within %n seconds</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>not an exporter-proxy: the answer is larger than %n MiB</source>
        <translation>
            <numerusform>not an exporter-proxy: the answer is larger than %n MiB</numerusform>
            <numerusform>not an exporter-proxy: the answer is larger than %n MiB</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::DetailsPane</name>
    <message numerus="yes">
        <source>%1 in %n line(s)</source>
        <translation>
            <numerusform>%1 in %n line</numerusform>
            <numerusform>%1 in %n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::MetricsFetch</name>
    <message numerus="yes">
        <source>no whole answer within %n second(s)</source>
        <translation>
            <numerusform>no whole answer within %n second</numerusform>
            <numerusform>no whole answer within %n seconds</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExporterProxy::Monitor::MetricsView</name>
    <message numerus="yes">
        <source>⋯ %n sample(s)</source>
        <translation>
            <numerusform>⋯ %n sample</numerusform>
            <numerusform>⋯ %n samples</numerusform>
        </translation>
    </message>
</context>
</TS>
