// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/capnpdecoder.h"
#include "schema/metric_data.capnp.h"
#include "tests/wire/decoding.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QtEndian>
#include <QTest>

using namespace ExporterProxy;
using Updates = QList<std::pair<QByteArray, QByteArray>>;

namespace {

constexpr DecodeLimits Roomy{.maxMessageSize = 16 << 20, .maxApps = 1000};

/// A message as a sender that uses the library makes it; small first segments give several of them.
QByteArray encoded(const QByteArray &name, const QByteArray &text, unsigned firstSegmentWords = 0)
{
    capnp::MallocMessageBuilder builder(
        firstSegmentWords > 0 ? firstSegmentWords : capnp::SUGGESTED_FIRST_SEGMENT_WORDS,
        firstSegmentWords > 0 ? capnp::AllocationStrategy::FIXED_SIZE
                              : capnp::AllocationStrategy::GROW_HEURISTICALLY);
    auto metrics = builder.initRoot<Schema::InboundMetrics>();
    const auto put = [](capnp::Text::Builder to, const QByteArray &from) {
        std::memcpy(to.begin(), from.constData(), std::size_t(from.size()));
    };
    put(metrics.initAppName(unsigned(name.size())), name);
    put(metrics.initData(unsigned(text.size())), text);
    const auto words = capnp::messageToFlatArray(builder);
    return QByteArray(reinterpret_cast<const char *>(words.begin()),
                      qsizetype(words.size() * sizeof(capnp::word)));
}

QByteArray words(std::initializer_list<quint32> halves)
{
    QByteArray bytes;
    for (const quint32 half : halves) {
        const quint32 little = qToLittleEndian(half);
        bytes.append(reinterpret_cast<const char *>(&little), sizeof little);
    }
    return bytes;
}

} // namespace

class TestCapnpDecoder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesMessages_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<Updates>("updates");
        const QByteArray large(300'000, 'x');
        QTest::newRow("one message") << encoded("a", "x 1\n") << Updates{{"a", "x 1\n"}};
        QTest::newRow("several messages") << encoded("a", "x 1\n") + encoded("b", "y") + encoded("a", "z")
                                          << Updates{{"a", "x 1\n"}, {"b", "y"}, {"a", "z"}};
        QTest::newRow("an empty text") << encoded("a", "") << Updates{{"a", ""}};
        QTest::newRow("UTF-8") << encoded("größe", "ä€😀") << Updates{{"größe", "ä€😀"}};
        QTest::newRow("a message of several segments")
            << encoded("name", "x 1\n", 1) << Updates{{"name", "x 1\n"}};
        QTest::newRow("large ones between small ones")
            << encoded("a", large) + encoded("b", "y") + encoded("c", large + "!") + encoded("d", "z")
            << Updates{{"a", large}, {"b", "y"}, {"c", large + "!"}, {"d", "z"}};
        QTest::newRow("nothing") << QByteArray() << Updates{};
    }
    void takesMessages()
    {
        QFETCH(QByteArray, stream);
        QFETCH(Updates, updates);
        CapnpDecoder decoder(Roomy);
        const Decoded whole = decodeWhole(decoder, stream);
        QCOMPARE(whole.message, QByteArray());
        QCOMPARE(whole.updates, updates);
        for (const qsizetype size : {1, 3, 8, 13, 64, 1000, 65536, 200'000}) {
            if (stream.size() / size > 100'000)
                continue;
            for (const bool direct : {false, true}) {
                decoder.reset();
                const Decoded cut = decodeStream(
                    decoder, stream, [size] { return size; }, direct);
                QVERIFY2(
                    cut == whole,
                    qPrintable(
                        QStringLiteral("in pieces of %1: %2").arg(size).arg(QString::fromUtf8(cut.message))));
            }
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
        const QByteArray good = encoded("a", "x 1\n");
        row("JSON", R"({"a":"x 1\n"})", Malformed,
            "not a Cap'n Proto message: it claims more than 512 segments, in the message at byte 0");
        row("the largest number of segments, which wraps", words({0xFFFFFFFF, 0}), Malformed,
            "not a Cap'n Proto message: it claims more than 512 segments, in the message at byte 0");
        row("too many segments, behind a good message", good + words({512, 0}), Malformed,
            "not a Cap'n Proto message: it claims more than 512 segments, in the message at byte "
                + QByteArray::number(good.size()));
        row("a segment of 32 GiB", words({0, 0xFFFFFFFF}), MessageTooLarge,
            "the message has 34359738368 bytes, more than limits.max_message_size (16777216), in the message "
            "at byte 0");
        row("an empty segment", words({0, 0}), Malformed, "malformed Cap'n Proto message");
        row("a null root: an empty name", words({0, 1, 0, 0}), BadName,
            "the application's name is empty, in the message at byte 0");
        row("a root pointer out of bounds", words({0, 1, 0xFFFFFFFC, 0x00020000}), Malformed,
            "malformed Cap'n Proto message");
        row("an empty name", encoded("", "x"), BadName, "the application's name is empty");
        row("a control character in the name", encoded("a\n", "x"), BadName,
            "the application's name has a control character at byte 1");
        row("a NUL in the name", encoded(QByteArray("a\0b", 3), "x"), BadName,
            "the application's name has a control character at byte 1");
        row("a name too long", encoded(QByteArray(257, 'n'), "x"), BadName,
            "the application's name has 257 bytes, more than 256");
        row("invalid UTF-8 in the name", encoded("a\xff", "x"), InvalidUtf8,
            "invalid UTF-8 at byte 1 (line 1, column 2) of the application's name");
        row("invalid UTF-8 in the text", encoded("a", "x 1\ny \xC0\x80\n"), InvalidUtf8,
            "invalid UTF-8 at byte 6 (line 2, column 3) of the text of \"a\", in the message at byte 0", "a");
        row("a NUL in the text", encoded("a", QByteArray("x 1\n\0y 2\n", 9)), NulByte,
            "a NUL byte at byte 4 (line 2, column 1) of the text of \"a\"", "a");
        row("the end inside a header", good + good.first(4), Incomplete,
            "the connection ended inside a message, after 4 of unknown bytes");
        row("the end inside a message", good.chopped(1), Incomplete,
            "the connection ended inside a message, after " + QByteArray::number(good.size() - 1) + " of "
                + QByteArray::number(good.size()) + " bytes");
    }
    void refuses()
    {
        QFETCH(QByteArray, stream);
        QFETCH(RejectReason, reason);
        QFETCH(QByteArray, message);
        QFETCH(QByteArray, app);
        CapnpDecoder decoder(Roomy);
        for (const qsizetype size : {qsizetype(1), qsizetype(8), qsizetype(13), stream.size()}) {
            decoder.reset();
            const Decoded result = decodeStream(decoder, stream, [size] { return size; });
            QVERIFY(result.rejected);
            QCOMPARE(result.reason, reason);
            QVERIFY2(result.message.startsWith(message), result.message.constData());
            QCOMPARE(result.app, app);
        }
        decoder.reset();
        QCOMPARE(decodeWhole(decoder, encoded("z", "1")).updates, (Updates{{"z", "1"}}));
    }

    void aHeaderClaimsNoMemory()
    {
        // Ten thousand connections may each claim 16 MiB and send nothing more.
        std::vector<std::unique_ptr<CapnpDecoder>> decoders;
        const QByteArray claim = words({0, 2'000'000});
        for (int i = 0; i < 10'000; ++i) {
            decoders.push_back(std::make_unique<CapnpDecoder>(Roomy));
            QByteArrayView input(claim);
            QCOMPARE(decoders.back()->decode(input), PushDecoder::Status::NeedMore);
            QVERIFY(decoders.back()->isMidMessage());
            QVERIFY(decoders.back()->directSpace().size() <= 64 * 1024);
        }
    }

    void listsReadOverAndOverAreBounded()
    {
        // Both texts point at the same bytes; that is allowed, and not more expensive than two texts.
        QByteArray message = encoded("abcdefg", QByteArray(1000, 'x'));
        CapnpDecoder decoder(Roomy);
        QVERIFY(!decodeWhole(decoder, message).rejected);
        // A far pointer to itself never ends in a text.
        QByteArray loop = words({0, 2, 0x2, 0, 0x2, 0});
        decoder.reset();
        QVERIFY(decodeWhole(decoder, loop).rejected);
    }

    void damagedMessagesAreTakenOrRefusedButNeverBreak()
    {
        QRandomGenerator random(4711);
        CapnpDecoder decoder(Roomy);
        int refused = 0;
        for (int round = 0; round < 20'000; ++round) {
            QByteArray message =
                encoded("name", QByteArray(int(random.bounded(100)), 'x'), random.bounded(2) ? 0 : 1);
            for (int damage = 1 + int(random.bounded(3)); damage > 0; --damage)
                message[qsizetype(random.bounded(message.size()))] = char(random.bounded(256));
            decoder.reset();
            const Decoded whole = decodeWhole(decoder, message);
            refused += whole.rejected ? 1 : 0;
            decoder.reset();
            const Decoded cut = decodeStream(decoder, message, [&] { return qsizetype(random.bounded(30)); });
            QVERIFY(cut == whole);
        }
        QVERIFY2(refused > 5000, qPrintable(QString::number(refused)));
    }
};

QTEST_APPLESS_MAIN(TestCapnpDecoder)
#include "tst_capnpdecoder.moc"
