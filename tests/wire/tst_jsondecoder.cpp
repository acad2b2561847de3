// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/jsondecoder.h"
#include "tests/wire/decoding.h"
#include "tests/wire/json.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>
#include <simdjson.h>

using namespace ExporterProxy;
using Updates = QList<std::pair<QByteArray, QByteArray>>;

namespace {

constexpr DecodeLimits Roomy{.maxMessageSize = 1 << 20, .maxApps = 1000};

QByteArray repeated(const QByteArray &piece, int times)
{
    return piece.repeated(times);
}

/// A string as a JSON writer would put it, with a choice of escapes for the same character.
QByteArray quoted(const QString &text, QRandomGenerator &random)
{
    QByteArray out = "\"";
    for (const QChar c : text) {
        const QByteArray hex = "\\u" + QByteArray::number(c.unicode(), 16).rightJustified(4, '0');
        if (c.unicode() < 0x20 || c == u'"' || c == u'\\')
            out += c == u'\n' ? QByteArray("\\n")
                : c == u'"'   ? QByteArray("\\\"")
                : c == u'\\'  ? QByteArray("\\\\")
                              : hex;
        else if (random.bounded(20) == 0)
            out += hex;
        else if (c.isSurrogate())
            out += hex; // both halves come this way: one alone has no UTF-8
        else
            out += QString(c).toUtf8();
    }
    return out + '"';
}

/// What a general parser makes of one document: the oracle. Nothing if it refuses it or it has another shape.
std::optional<Updates> parsedBySimdjson(const QByteArray &document)
{
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(document.constData(), std::size_t(document.size())).get(object) != simdjson::SUCCESS)
        return std::nullopt;
    const auto bytes = [](std::string_view view) { return QByteArray(view.data(), qsizetype(view.size())); };
    Updates updates;
    for (const auto &[key, value] : object) {
        std::string_view text;
        simdjson::dom::array lines;
        QByteArray joined;
        if (value.get(text) == simdjson::SUCCESS) {
            joined = bytes(text);
        } else if (value.get(lines) == simdjson::SUCCESS) {
            for (const simdjson::dom::element line : lines) {
                if (line.get(text) != simdjson::SUCCESS)
                    return std::nullopt;
                joined += bytes(text) + '\n';
            }
        } else {
            return std::nullopt;
        }
        if (nameFault(bytes(key)) || joined.contains('\0'))
            return std::nullopt;
        updates.emplace_back(bytes(key), joined);
    }
    return updates;
}

} // namespace

class TestJsonDecoder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesBothShapes_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<Updates>("updates");
        QTest::addColumn<int>("messages");
        const auto row = [](const char *name, const QByteArray &stream, const Updates &updates,
                            int messages = 1) { QTest::newRow(name) << stream << updates << messages; };
        row("a string", json("{'a':'x 1\\n'}"), {{"a", "x 1\n"}});
        row("an array of lines gets a newline for each", json("{'a':['x 1','x 2']}"), {{"a", "x 1\nx 2\n"}});
        row("an empty array", json("{'a':[]}"), {{"a", ""}});
        row("an empty line", json("{'a':['','']}"), {{"a", "\n\n"}});
        row("an empty string", json("{'a':''}"), {{"a", ""}});
        row("an empty object", "{}", {});
        row("several applications", json("{'a':'1','b':['2'],'c':'3'}"),
            {{"a", "1"}, {"b", "2\n"}, {"c", "3"}});
        row("one application twice, in order", json("{'a':'1','a':'2'}"), {{"a", "1"}, {"a", "2"}});
        row("white space everywhere", " \r\n\t{ \"a\" :\n[ \"x\" , \"y\" ] ,\t\"b\":\r\"z\" } \n",
            {{"a", "x\ny\n"}, {"b", "z"}});
        row("documents back to back", json("{'a':'1'}{'b':'2'}"), {{"a", "1"}, {"b", "2"}}, 2);
        row("documents with white space between them", "{\"a\":\"1\"}\n\n {\"b\":\"2\"}\n",
            {{"a", "1"}, {"b", "2"}}, 2);
        row("a byte-order mark before each document",
            "\xEF\xBB\xBF{\"a\":\"1\"}\n\xEF\xBB\xBF\r\n{\"b\":\"2\"}", {{"a", "1"}, {"b", "2"}}, 2);
        row("nothing but white space", " \n\t ", {}, 0);
        row("nothing", "", {}, 0);
        row("every escape", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", {{"a", "\"\\/\b\f\n\r\t"}});
        row("characters by number", json("{'a':'\\u0041\\u00e9\\u20AC\\ud83d\\uDE00'}"),
            {{"a", "A\u00e9\u20ac\U0001F600"}});
        row("UTF-8 as it is", "{\"größe\":\"ä€😀\"}", {{"größe", "ä€😀"}});
        row("an escaped name", json("{'\\u0061\\'b':'x'}"), {{"a\"b", "x"}});
        row("DEL is a character like any other in a text", "{\"a\":\"\x7f\"}", {{"a", "\x7f"}});
        for (int pad = 58; pad < 70; ++pad)
            row(("an escape around the end of a block, after " + QByteArray::number(pad)).constData(),
                "{\"a\":\"" + QByteArray(pad, 'x') + json("\\\\\\'\\n") + QByteArray(80, 'y') + "\"}",
                {{"a", QByteArray(pad, 'x') + "\\\"\n" + QByteArray(80, 'y')}});
        row("a long text of nothing but escapes", "{\"a\":\"" + repeated(json("\\\\"), 5000) + "\"}",
            {{"a", QByteArray(5000, '\\')}});
        row("a text above what is copied out", "{\"a\":\"" + repeated("0123456789abcdef", 5000) + "\"}",
            {{"a", repeated("0123456789abcdef", 5000)}});
    }
    void takesBothShapes()
    {
        QFETCH(QByteArray, stream);
        QFETCH(Updates, updates);
        QFETCH(int, messages);
        JsonDecoder decoder(Roomy);
        const Decoded whole = decodeWhole(decoder, stream);
        QCOMPARE(whole.message, QByteArray());
        QCOMPARE(whole.updates, updates);
        QCOMPARE(whole.messages, messages);
        QVERIFY(!decoder.isMidMessage());
        // The same in every cut, from the same decoder.
        for (const qsizetype size : {1, 2, 3, 5, 7, 16, 63, 64, 65, 100}) {
            decoder.reset();
            const Decoded cut = decodeStream(decoder, stream, [size] { return size; });
            QVERIFY2(cut == whole, qPrintable(QStringLiteral("in pieces of %1").arg(size)));
        }
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<RejectReason>("reason");
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QByteArray>("app");
        const auto row = [](const char *name, const QByteArray &stream, RejectReason reason,
                            const QByteArray &message, const QByteArray &app = {}) {
            QTest::newRow(name) << stream << reason << message << app;
        };
        using enum RejectReason;
        row("plain text", "x 1\n", Malformed,
            "malformed JSON: expected '{', found 'x', at byte 0 (line 1, column 1)");
        row("an array as the document", "[1]", WrongType,
            "a message must be an object {\"application\": \"text\"}, not an array, at byte 0 (line 1, "
            "column 1)");
        row("a number as the document", " 7", WrongType,
            "a message must be an object {\"application\": \"text\"}, not a number, at byte 0 (line 1, "
            "column 1)");
        row("a number as the value", "{\n \"a\": 5}", WrongType,
            "the value of \"a\" must be a string or an array of strings, not a number, at byte 8 (line 2, "
            "column 7)",
            "a");
        row("an object as the value", json("{'a':{'b':1}}"), WrongType,
            "the value of \"a\" must be a string or an array of strings, not an object, at byte 5 (line 1, "
            "column 6)",
            "a");
        row("null as the value", json("{'a':null}"), WrongType,
            "the value of \"a\" must be a string or an array of strings, not null, at byte 5 (line 1, column "
            "6)",
            "a");
        row("a number among the lines", json("{'a':['x',true]}"), WrongType,
            "the lines of \"a\" must be strings, not a boolean, at byte 10 (line 1, column 11)", "a");
        row("a nested array", json("{'a':[['x']]}"), WrongType,
            "the lines of \"a\" must be strings, not an array, at byte 6 (line 1, column 7)", "a");
        row("a million deep", "{\"a\":" + repeated("[", 1'000'000), WrongType,
            "the lines of \"a\" must be strings, not an array, at byte 6 (line 1, column 7)", "a");
        row("no quotes around the name", "{a:1}", Malformed,
            "malformed JSON: expected '\"' before an application's name, or '}', found 'a', at byte 1 (line "
            "1, column 2)");
        row("no colon", json("{'a' 'b'}"), Malformed,
            "malformed JSON: expected ':' after an application's name, found '\"', at byte 5 (line 1, column "
            "6)",
            "a");
        row("garbage as the value", json("{'a':@}"), Malformed,
            "malformed JSON: expected a string or an array of strings, found '@', at byte 5 (line 1, column "
            "6)",
            "a");
        row("a comma too many", json("{'a':'x',}"), Malformed,
            "malformed JSON: expected '\"' before an application's name, found '}', at byte 9 (line 1, "
            "column 10)");
        row("a comma too many in the array", json("{'a':['x',]}"), Malformed,
            "malformed JSON: expected '\"' before a line, found ']', at byte 10 (line 1, column 11)", "a");
        row("no comma", json("{'a':'x' 'b':'y'}"), Malformed,
            "malformed JSON: expected ',' or '}' after an application's text, found '\"', at byte 9 (line 1, "
            "column 10)");
        row("no comma in the array", json("{'a':['x' 'y']}"), Malformed,
            "malformed JSON: expected ',' or ']' after a line, found '\"', at byte 10 (line 1, column 11)",
            "a");
        row("a newline in a string", "{\"a\":\"x\n\"}", Malformed,
            "a string must not hold byte 0x0A as it is; write it as an escape, at byte 7 (line 1, column 8)",
            "a");
        row("a NUL as it is", QByteArray("{\"a\":\"x\0\"}", 10), Malformed,
            "a string must not hold byte 0x00 as it is; write it as an escape, at byte 7 (line 1, column 8)",
            "a");
        row("an unknown escape", json("{'a':'\\x'}"), Malformed,
            "JSON has no escape \\ followed by 'x', at byte 7 (line 1, column 8)", "a");
        row("too few digits", json("{'a':'\\u12'}"), Malformed,
            "\\u wants four hexadecimal digits, found '\"', at byte 10 (line 1, column 11)", "a");
        row("a NUL by its number", json("{'a':'x\\u0000'}"), NulByte,
            "a NUL byte in the text of \"a\", at byte 12 (line 1, column 13)", "a");
        row("half a surrogate pair, then text", json("{'a':'\\ud83dx'}"), InvalidUtf8,
            "the first half of a surrogate pair stands alone, at byte 12 (line 1, column 13)", "a");
        row("half a surrogate pair, then an escape", json("{'a':'\\ud83d\\n'}"), InvalidUtf8,
            "the first half of a surrogate pair stands alone", "a");
        row("half a surrogate pair, then the end", json("{'a':'\\ud83d'}"), InvalidUtf8,
            "the first half of a surrogate pair stands alone, at byte 12 (line 1, column 13)", "a");
        row("two first halves", json("{'a':'\\ud83d\\ud83d'}"), InvalidUtf8,
            "the first half of a surrogate pair stands alone, at byte 17 (line 1, column 18)", "a");
        row("the second half alone", json("{'a':'\\ude00'}"), InvalidUtf8,
            "the second half of a surrogate pair stands alone, at byte 11 (line 1, column 12)", "a");
        row("invalid UTF-8 in a text", "{\"a\":\"x 1\\ny\xff\"}", InvalidUtf8,
            "invalid UTF-8 at byte 5 (line 2, column 2) of the text of \"a\"", "a");
        row("invalid UTF-8 in a name", "{\"a\xc3\":\"x\"}", InvalidUtf8,
            "invalid UTF-8 at byte 1 (line 1, column 2) of an application's name");
        row("an empty name", json("{'':'x'}"), BadName,
            "the application's name is empty, at byte 2 (line 1, column 3)");
        row("a control character in a name", json("{'a\\u0007':'x'}"), BadName,
            "the application's name has a control character at byte 1, at byte 9 (line 1, column 10)");
        row("a NUL in a name", json("{'a\\u0000':'x'}"), BadName,
            "the application's name has a control character at byte 1, at byte 9 (line 1, column 10)");
        row("a name too long", "{\"" + QByteArray(257, 'n') + "\":\"x\"}", BadName,
            "the application's name has 257 bytes, more than 256, at byte 259 (line 1, column 260)");
        row("the end in the middle", json("{'a':'x"), Incomplete,
            "the connection ended inside a message, after 7 bytes, before its closing '}'", "a");
        row("the end before the last brace", json("{'a':'x'"), Incomplete,
            "the connection ended inside a message, after 8 bytes, before its closing '}'");
        row("garbage behind a document", "{\"a\":\"x\"} oops", Malformed,
            "malformed JSON: expected '{', found 'o', at byte 0 (line 1, column 1)");
        row("a part of a byte-order mark", "\xEF\xBB{\"a\":\"x\"}", Malformed,
            "malformed JSON: expected '{', found a part of a byte-order mark");
        row("the end in a byte-order mark", "\xEF\xBB", Incomplete,
            "the connection ended inside a message, after 0 bytes, before its closing '}'");
        row("garbage behind a byte-order mark", "\xEF\xBB\xBF x", Malformed,
            "malformed JSON: expected '{', found 'x', at byte 0 (line 1, column 1)");
    }
    void refuses()
    {
        QFETCH(QByteArray, stream);
        QFETCH(RejectReason, reason);
        QFETCH(QByteArray, message);
        QFETCH(QByteArray, app);
        JsonDecoder decoder(Roomy);
        const Decoded whole = decodeWhole(decoder, stream);
        QVERIFY(whole.rejected);
        QCOMPARE(whole.reason, reason);
        QVERIFY2(whole.message.startsWith(message), whole.message.constData());
        QCOMPARE(whole.app, app);
        for (const qsizetype size : {1, 2, 3, 7, 64}) {
            decoder.reset();
            const Decoded cut = decodeStream(decoder, stream.first(qMin<qsizetype>(stream.size(), 2000)),
                                             [size] { return size; });
            QVERIFY(cut.rejected);
            QCOMPARE(cut.reason, reason);
            QCOMPARE(cut.app, app);
        }
        // A decoder that has refused is as new after a reset.
        decoder.reset();
        QCOMPARE(decodeWhole(decoder, json("{'z':'1'}")).updates, (Updates{{"z", "1"}}));
    }

    void aMessageMayBeAsLargeAsTheLimitAndNoLarger()
    {
        const QByteArray document = "{\"a\":\"" + QByteArray(100, 'x') + "\"}";
        for (const qsizetype size : {1, 10, 1000}) {
            JsonDecoder exact({.maxMessageSize = document.size(), .maxApps = 10});
            const Decoded twice = decodeStream(exact, document + "\n  " + document, [size] { return size; });
            QVERIFY2(!twice.rejected, twice.message.constData());
            QCOMPARE(twice.messages, 2);
            JsonDecoder small({.maxMessageSize = document.size() - 1, .maxApps = 10});
            const Decoded refused = decodeStream(small, document, [size] { return size; });
            QVERIFY(refused.rejected);
            QCOMPARE(refused.reason, RejectReason::MessageTooLarge);
            QVERIFY(refused.message.contains("limits.max_message_size (107 bytes)"));
        }
    }

    void largeTextsArriveWhole()
    {
        JsonDecoder decoder({});
        QByteArray stream;
        QByteArrayList texts;
        quint32 random = 1;
        for (const qsizetype size : {3'000'000, 4'194'303, 4'194'304, 4'194'305, 5, 6'000'000, 20'000'000}) {
            QByteArray text(size, Qt::Uninitialized);
            for (char &c : text) {
                random = random * 1664525 + 1013904223;
                c = char('a' + (random >> 28));
            }
            stream += "{\"a\":\"" + text + "\"}";
            texts << text;
        }
        for (const qsizetype piece : {70'000, 262'144}) {
            const Decoded result = decodeStream(decoder, stream, [piece] { return piece; });
            QCOMPARE(result.updates.size(), texts.size());
            for (qsizetype i = 0; i < texts.size(); ++i) {
                const QByteArray &text = result.updates[i].second;
                QVERIFY(text == texts[i]);
                QVERIFY(text.capacity()
                        <= text.size() + 16); // with room for the model's newline, and no more
                QVERIFY(text.capacity() > text.size());
            }
            QVERIFY(decoder.heldBytes() < 64 * 1024 * 1024);
        }
    }

    void oneMessageNamesNoMoreApplicationsThanAllowed()
    {
        JsonDecoder decoder({.maxMessageSize = 1000, .maxApps = 2});
        QVERIFY(!decodeWhole(decoder, json("{'a':'1','b':'2'}")).rejected);
        decoder.reset();
        const Decoded refused = decodeWhole(decoder, json("{'a':'1','b':'2','c':'3'}"));
        QCOMPARE(refused.reason, RejectReason::TooManyApps);
        QVERIFY(refused.updates.isEmpty());
    }

    void agreesWithAGeneralParserOnRandomDocuments()
    {
        QRandomGenerator random(4711);
        JsonDecoder decoder(Roomy);
        int taken = 0;
        int refused = 0;
        for (int round = 0; round < 3000; ++round) {
            QByteArray document = "{";
            const int apps = int(random.bounded(4));
            for (int app = 0; app < apps; ++app) {
                QString text;
                for (int length = int(random.bounded(200)); length > 0; --length) {
                    static const QString alphabet = QStringLiteral("abc01 \n\"\\{}[]:,#äé€測\t/");
                    if (random.bounded(40) == 0)
                        text += QString::fromUcs4(U"\U0001F600", 1);
                    else
                        text += alphabet.at(int(random.bounded(alphabet.size())));
                }
                document += app > 0 ? ", " : "";
                document += "\"app" + QByteArray::number(app) + "\":";
                if (random.bounded(2) == 0) {
                    document += quoted(text, random);
                } else {
                    QByteArrayList lines;
                    for (const QString &line : text.split(u'\n'))
                        lines << quoted(line, random);
                    document += "[ " + lines.join(random.bounded(2) == 0 ? "," : " ,\n") + ']';
                }
            }
            document += '}';
            if (random.bounded(3) == 0) // damage it
                document[qsizetype(random.bounded(document.size()))] = char(random.bounded(256));

            const std::optional<Updates> expected = parsedBySimdjson(document);
            decoder.reset();
            const Decoded whole = decodeWhole(decoder, document);
            QVERIFY2(whole.rejected != expected.has_value(), document.constData());
            if (expected)
                QCOMPARE(whole.updates, *expected);
            ++(expected ? taken : refused);
            decoder.reset();
            const Decoded cut =
                decodeStream(decoder, document, [&] { return qsizetype(random.bounded(90)); });
            QVERIFY2(cut.rejected == whole.rejected && cut.updates == whole.updates && cut.app == whole.app,
                     document.constData());
        }
        QVERIFY2(taken > 1000 && refused > 300, qPrintable(QStringLiteral("%1 %2").arg(taken).arg(refused)));
    }

    void theCostIsLinearHoweverTheBytesAreCut()
    {
        const QByteArray document =
            "{\"a\":\"" + repeated(json("metric{label=\\'value\\'} 12345\\n"), 30'000) + "\"}";
        JsonDecoder decoder(Roomy);
        const auto elapsed = [&](qsizetype size) {
            decoder.reset();
            QElapsedTimer timer;
            timer.start();
            const Decoded result = decodeStream(decoder, document, [size] { return size; });
            return result.rejected ? qint64(-1) : timer.nsecsElapsed();
        };
        const qint64 whole = elapsed(document.size());
        const qint64 pieces =
            elapsed(50); // 18 000 pieces; were each to cost the text so far, 900 times the bytes
        QVERIFY(whole > 0 && pieces > 0);
        QVERIFY2(pieces < 100 * whole + 100'000'000,
                 qPrintable(QStringLiteral("%1 and %2 ns").arg(whole).arg(pieces)));
    }
};

QTEST_APPLESS_MAIN(TestJsonDecoder)
#include "tst_jsondecoder.moc"
