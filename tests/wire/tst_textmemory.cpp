// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appmodel.h"
#include "common/wire/pushdecoder.h"
#include "daemon/process/allocator.h"
#include "tests/memory.h"

#include <QRandomGenerator>
#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr int Apps = 1000;
constexpr qsizetype TextSize = 100'000;

/// Lines as exporters write them, of exactly `size` bytes.
QByteArray metricsText(qsizetype size)
{
    QByteArray text =
        QByteArray("requests_total{method=\"get\",code=\"200\"} 12345\n").repeated(size / 40 + 1);
    text.truncate(size - 1);
    return text += '\n';
}

QByteArray message(const QByteArray &app, QByteArray text)
{
    return "{\"" + app + "\":\"" + text.replace('"', "\\\"").replace('\n', "\\n") + "\"}";
}

} // namespace

/// The memory that a store in use takes up: a program of its own, because it looks at the whole process.
class TestTextMemory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tuneAllocator(); }

    void randomPushesLeaveNoHoles_data()
    {
        QTest::addColumn<int>("piece"); // bytes of a message that one read brings at most
        QTest::addColumn<bool>("anew"); // each message by a connection of its own
        QTest::newRow("messages from one read") << 256 * 1024 << true;
        QTest::newRow("messages in pieces") << 40'000 << true;
        QTest::newRow("one connection for all messages") << 256 * 1024 << false;
    }
    void randomPushesLeaveNoHoles()
    {
        QFETCH(int, piece);
        QFETCH(bool, anew);
        std::vector<QByteArray> messages;
        QRandomGenerator random(4711);
        for (int app = 0; app < Apps; ++app)
            messages.push_back(message("app_" + QByteArray::number(app), metricsText(TextSize)));
        const MemoryMark memory;
        if (!memory.isMeasured())
            QSKIP("memory cannot be measured in this build");

        AppModel model({});
        std::unique_ptr<PushDecoder> decoder = makePushDecoder(PushFormat::Json, {});
        const auto push = [&](const QByteArray &message) {
            if (anew)
                decoder = makePushDecoder(PushFormat::Json, {});
            PushDecoder::Status status = PushDecoder::Status::NeedMore;
            for (qsizetype at = 0; at < message.size(); at += piece) {
                QByteArrayView input = QByteArrayView(message).sliced(at, qMin(piece, message.size() - at));
                status = decoder->decode(input);
            }
            if (status != PushDecoder::Status::Complete)
                qFatal("%s", decoder->rejection().message.constData());
            if (model.apply(decoder->updates(), "test", SourceKind::Push, Timestamp()))
                qFatal("the model has no room");
            for (AppUpdate &update : decoder->updates())
                update.text = {};
        };
        for (const QByteArray &message : messages)
            push(message);
        for (int round = 0; round < 3000; ++round) {
            // A scrape shows the texts of this moment until the next one.
            const std::shared_ptr<const AppView> page = model.view(Timestamp());
            for (int pushes = 0; pushes < 10; ++pushes)
                push(messages[random.bounded(quint32(messages.size()))]);
        }
        const double ratio = double(memory.grown()) / double(Apps * TextSize);
        qInfo("%.2f bytes of memory for each byte of text", ratio);
        QVERIFY2(ratio <= 1.35, "more than 1.35 bytes of memory for each byte of text");
    }
};

QTEST_APPLESS_MAIN(TestTextMemory)
#include "tst_textmemory.moc"
